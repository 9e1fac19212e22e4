/** Files that are written as a whole or not at all. */
@NullMarked
package dev.winnow.core.io;

import org.jspecify.annotations.NullMarked;
