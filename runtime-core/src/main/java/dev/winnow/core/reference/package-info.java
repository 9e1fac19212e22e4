/** The scalar reference backends: slow, always there, and the specification that every other backend is tested against. */
@NullMarked
package dev.winnow.core.reference;

import org.jspecify.annotations.NullMarked;
