/** Pictures of measurements, as PNG and SVG files: the only package that knows AWT and XChart. Readable in black and white. */
@NullMarked
package dev.winnow.launcher.chart;

import org.jspecify.annotations.NullMarked;
