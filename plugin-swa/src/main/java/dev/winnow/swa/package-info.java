/** Sliding windows: a query looks at its own key and the ones shortly before it. */
@NullMarked
package dev.winnow.swa;

import org.jspecify.annotations.NullMarked;
