@NullMarked
package dev.winnow.core.calibration;

import org.jspecify.annotations.NullMarked;
