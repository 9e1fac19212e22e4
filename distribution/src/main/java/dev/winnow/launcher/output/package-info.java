/** Where and how the launcher writes: streams, tables, progress. */
@NullMarked
package dev.winnow.launcher.output;

import org.jspecify.annotations.NullMarked;
