@NullMarked
package dev.winnow.core.cache;

import org.jspecify.annotations.NullMarked;
