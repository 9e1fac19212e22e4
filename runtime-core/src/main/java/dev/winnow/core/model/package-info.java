/** Architectures as data, weights, and the one forward pass. */
@NullMarked
package dev.winnow.core.model;

import org.jspecify.annotations.NullMarked;
