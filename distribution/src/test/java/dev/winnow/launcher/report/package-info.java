/** Tests of what measurements together say. */
@NullMarked
package dev.winnow.launcher.report;

import org.jspecify.annotations.NullMarked;
