@NullMarked
package dev.winnow.core.io;

import org.jspecify.annotations.NullMarked;
