/** Tests of {@code dev.winnow.launcher.options}. */
@NullMarked
package dev.winnow.launcher.options;

import org.jspecify.annotations.NullMarked;
