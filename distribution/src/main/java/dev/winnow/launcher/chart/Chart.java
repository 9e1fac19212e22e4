package dev.winnow.launcher.chart;

import dev.winnow.api.WinnowException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.nio.file.Path;

/** A picture of a measurement. Immutable. */
public abstract sealed class Chart permits HeatMap, LineChart, ScatterChart {

    static final Color INK = Color.BLACK;
    static final Color PAPER = Color.WHITE;

    Chart() {}

    /** Returns the width in pixels. */
    abstract int width();

    /** Returns the height in pixels. */
    abstract int height();

    /** Draws the picture onto white paper. */
    abstract void paint(Graphics2D graphics);

    /**
     * Writes the picture; an existing file is replaced, and nothing is left half-written.
     *
     * @param file its name ends in {@code .png} or {@code .svg}
     * @throws WinnowException if the name ends in something else, the file cannot be written, or this machine has no fonts to write with
     */
    public final void write(Path file) {
        ChartFile.write(file, this);
    }
}
