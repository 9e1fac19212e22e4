/** Choosing the next token: the sampler chain, its random numbers, and the search for stop strings. */
@NullMarked
package dev.winnow.core.sampling;

import org.jspecify.annotations.NullMarked;
