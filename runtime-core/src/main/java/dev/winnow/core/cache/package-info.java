/** Keys and values of past positions, in pages. */
@NullMarked
package dev.winnow.core.cache;

import org.jspecify.annotations.NullMarked;
