/** Options that commands share, as picocli mixins. */
@NullMarked
package dev.winnow.launcher.options;

import org.jspecify.annotations.NullMarked;
