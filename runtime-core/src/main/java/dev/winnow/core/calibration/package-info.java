/** Finds, for one model, how much each attention head may leave out: what each choice costs in the output, and the cheapest profile that keeps a target. */
@NullMarked
package dev.winnow.core.calibration;

import org.jspecify.annotations.NullMarked;
