/** Tests of {@code dev.winnow.launcher.output}. */
@NullMarked
package dev.winnow.launcher.output;

import org.jspecify.annotations.NullMarked;
