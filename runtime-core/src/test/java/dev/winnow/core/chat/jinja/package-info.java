/** Tests of the template engine against Python's Jinja. */
@NullMarked
package dev.winnow.core.chat.jinja;

import org.jspecify.annotations.NullMarked;
