/** Worker threads. */
@NullMarked
package dev.winnow.core.parallel;

import org.jspecify.annotations.NullMarked;
