/** The reference backends are held to what every backend is held to. */
@NullMarked
package dev.winnow.core.reference;

import org.jspecify.annotations.NullMarked;
