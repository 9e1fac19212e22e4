package dev.winnow.launcher.chart;

import de.erichseifert.vectorgraphics2d.Document;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.io.IOException;
import java.io.OutputStream;

/** Writes pictures as SVG: the only class that knows VectorGraphics2D, so that everything else works without its jar. */
final class SvgWriter {

    private SvgWriter() {}

    static void write(Chart chart, OutputStream out) throws IOException {
        VectorGraphics2D graphics = new VectorGraphics2D();
        ChartFile.paint(chart, graphics);
        Document document = new SVGProcessor().getDocument(graphics.getCommands(), new PageSize(0, 0, chart.width(), chart.height()));
        document.writeTo(out);
    }
}
