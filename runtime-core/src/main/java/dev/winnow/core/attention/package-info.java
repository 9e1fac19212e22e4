/** The road from queries to attention outputs: tiles, masks, refiners, backend. */
@NullMarked
package dev.winnow.core.attention;

import org.jspecify.annotations.NullMarked;
