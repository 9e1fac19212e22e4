/** The sliding window as a mask refiner. */
@NullMarked
package dev.winnow.swa;

import org.jspecify.annotations.NullMarked;
