/** The command line: {@code winnow}. */
@NullMarked
package dev.winnow.launcher;

import org.jspecify.annotations.NullMarked;
