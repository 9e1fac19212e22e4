/** The code in the documentation, compiled and run as it is printed. */
@NullMarked
package dev.winnow.documentation;

import org.jspecify.annotations.NullMarked;
