/** The implementation of the API. */
@NullMarked
package dev.winnow.core.runtime;

import org.jspecify.annotations.NullMarked;
