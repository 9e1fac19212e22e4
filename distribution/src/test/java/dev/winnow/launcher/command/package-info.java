/** Tests of parts of the commands. */
@NullMarked
package dev.winnow.launcher.command;

import org.jspecify.annotations.NullMarked;
