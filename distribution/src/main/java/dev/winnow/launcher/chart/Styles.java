package dev.winnow.launcher.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The look that all charts share: sans serif, black on white; series differ in marker and dashes, so that colour is never needed. */
final class Styles {

    private static final Color GRID = new Color(0xDD, 0xDD, 0xDD);
    private static final List<Color> COLORS = List.of(Color.BLACK, new Color(0x00, 0x5A, 0xA0), new Color(0xB0, 0x50, 0x00),
            new Color(0x6A, 0x6A, 0x6A), new Color(0x7A, 0x1F, 0x7A));
    private static final List<BasicStroke> LINES = List.of(SeriesLines.SOLID, SeriesLines.DASH_DASH, SeriesLines.DASH_DOT,
            SeriesLines.DOT_DOT);
    private static final List<Marker> MARKERS = List.of(SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.TRIANGLE_UP,
            SeriesMarkers.DIAMOND, SeriesMarkers.CROSS, SeriesMarkers.TRIANGLE_DOWN, SeriesMarkers.PLUS, SeriesMarkers.TRAPEZOID,
            SeriesMarkers.OVAL);

    private Styles() {}

    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    static void plain(AxesChartStyler style) {
        style.setChartBackgroundColor(Chart.PAPER).setPlotBackgroundColor(Chart.PAPER).setLegendBackgroundColor(Chart.PAPER)
                .setChartFontColor(Chart.INK).setPlotBorderVisible(true).setPlotBorderColor(Chart.INK).setLegendBorderColor(Chart.PAPER)
                .setChartTitleBoxVisible(false).setChartTitleFont(font(Font.BOLD, 14)).setLegendFont(font(Font.PLAIN, 12));
        style.setAxisTitleFont(font(Font.PLAIN, 13)).setAxisTickLabelsFont(font(Font.PLAIN, 11)).setPlotGridLinesColor(GRID)
                .setAxisTickLabelsColor(Chart.INK).setErrorBarsColorSeriesColor(true);
    }

    /** Gives the series of a number its marker, dashes and colour. */
    static void distinguish(XYSeries series, int number) {
        Color color = COLORS.get(number % COLORS.size());
        series.setMarker(MARKERS.get(number % MARKERS.size())).setMarkerColor(color);
        series.setLineColor(color).setLineStyle(LINES.get(number % LINES.size())).setLineWidth(2);
    }
}
