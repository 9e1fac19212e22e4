/** Text to tokens and back: byte-level BPE and SentencePiece. */
@NullMarked
package dev.winnow.core.tokenizer;

import org.jspecify.annotations.NullMarked;
