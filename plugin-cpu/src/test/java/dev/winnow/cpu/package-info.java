@NullMarked
package dev.winnow.cpu;

import org.jspecify.annotations.NullMarked;
