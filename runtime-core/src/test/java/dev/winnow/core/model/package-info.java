/** Tests of the forward pass. */
@NullMarked
package dev.winnow.core.model;

import org.jspecify.annotations.NullMarked;
