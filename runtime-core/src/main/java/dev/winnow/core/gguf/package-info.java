/** Model files: GGUF, versions 2 and 3. */
@NullMarked
package dev.winnow.core.gguf;

import org.jspecify.annotations.NullMarked;
