@NullMarked
package dev.winnow.cpu.kernel;

import org.jspecify.annotations.NullMarked;
