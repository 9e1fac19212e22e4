/** Tests of the launcher, in the process and as an assembled package. */
@NullMarked
package dev.winnow.launcher;

import org.jspecify.annotations.NullMarked;
