/** Extension points: what a plug-in implements and what it is given. */
@NullMarked
package dev.winnow.spi;

import org.jspecify.annotations.NullMarked;
