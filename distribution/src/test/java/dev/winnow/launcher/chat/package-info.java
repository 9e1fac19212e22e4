@NullMarked
package dev.winnow.launcher.chat;

import org.jspecify.annotations.NullMarked;
