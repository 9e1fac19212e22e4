/** Conversion of Hugging Face checkpoints to GGUF: configuration, tokenizer and weights, as llama.cpp's converter (convert_hf_to_gguf.py) writes them. */
@NullMarked
package dev.winnow.launcher.convert;

import org.jspecify.annotations.NullMarked;
