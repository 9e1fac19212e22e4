/** Measuring what a model loses and gains. */
@NullMarked
package dev.winnow.core.eval;

import org.jspecify.annotations.NullMarked;
