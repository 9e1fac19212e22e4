/** Tests against llama.cpp's results. */
@NullMarked
package dev.winnow.core.tokenizer;

import org.jspecify.annotations.NullMarked;
