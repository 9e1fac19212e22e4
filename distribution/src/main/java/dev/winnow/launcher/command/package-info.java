/** The commands of the launcher, one class each. */
@NullMarked
package dev.winnow.launcher.command;

import org.jspecify.annotations.NullMarked;
