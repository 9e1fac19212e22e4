/** Tests of the pictures. */
@NullMarked
package dev.winnow.launcher.chart;

import org.jspecify.annotations.NullMarked;
