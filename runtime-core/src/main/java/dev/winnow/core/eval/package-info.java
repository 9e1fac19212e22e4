/** Measuring: perplexity, KL divergence, needles in haystacks, similarity of generated texts, speed; and the forms in which results are written. */
@NullMarked
package dev.winnow.core.eval;

import org.jspecify.annotations.NullMarked;
