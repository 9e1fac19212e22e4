/** Files beside models that say how sparse they may be. */
@NullMarked
package dev.winnow.core.profile;

import org.jspecify.annotations.NullMarked;
