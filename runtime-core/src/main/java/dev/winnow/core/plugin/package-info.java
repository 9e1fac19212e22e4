/** Finding plug-in providers and choosing among them. */
@NullMarked
package dev.winnow.core.plugin;

import org.jspecify.annotations.NullMarked;
