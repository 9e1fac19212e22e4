/** Reading, checking, writing and annotating GGUF files. */
@NullMarked
package dev.winnow.core.gguf;

import org.jspecify.annotations.NullMarked;
