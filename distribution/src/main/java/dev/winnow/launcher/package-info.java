/** The launcher {@code winnow}: entry point, composition root and exit codes. */
@NullMarked
package dev.winnow.launcher;

import org.jspecify.annotations.NullMarked;
