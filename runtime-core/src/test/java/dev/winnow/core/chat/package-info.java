/** Tests of chat templates against Python's Jinja. */
@NullMarked
package dev.winnow.core.chat;

import org.jspecify.annotations.NullMarked;
