/** Choosing the next token. */
@NullMarked
package dev.winnow.core.sampling;

import org.jspecify.annotations.NullMarked;
