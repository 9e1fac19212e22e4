/** Conversations at a terminal or through a pipe. */
@NullMarked
package dev.winnow.launcher.chat;

import org.jspecify.annotations.NullMarked;
