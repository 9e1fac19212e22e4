/** Tests of the conversion of checkpoints. */
@NullMarked
package dev.winnow.launcher.convert;

import org.jspecify.annotations.NullMarked;
