/** The composition root for CDI. */
@NullMarked
package dev.winnow.core.cdi;

import org.jspecify.annotations.NullMarked;
