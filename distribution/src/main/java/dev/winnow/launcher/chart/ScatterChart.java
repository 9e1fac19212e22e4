package dev.winnow.launcher.chart;

import java.awt.Font;
import java.awt.Graphics2D;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler;

/** Points of two measurements, for example accuracy against speed; each thing that is compared has a marker of its own. */
public final class ScatterChart extends Chart {

    private static final int WIDTH = 820;
    private static final int HEIGHT = 400;
    private static final int HEAD = 52; // two lines of the title
    private static final int LEGEND_LINE = 22;
    private static final int PADDING = 12;
    private static final int MARKER = 12;

    private final String title;
    private final String xAxis;
    private final String yAxis;
    private final List<Points> points;

    /**
     * What one marker stands for.
     *
     * @param name   for the legend
     * @param points one or more
     */
    public record Points(String name, List<Point> points) {
        /** Copies the list. */
        public Points {
            points = List.copyOf(points);
        }
    }

    /**
     * Two measurements of one thing.
     *
     * @param x across
     * @param y upwards
     */
    public record Point(double x, double y) {}

    /**
     * Creates a picture.
     *
     * @param xAxis what stands across, with its unit
     * @param yAxis what stands upwards, with its unit
     */
    public ScatterChart(String title, String xAxis, String yAxis, List<Points> points) {
        this.title = title;
        this.xAxis = xAxis;
        this.yAxis = yAxis;
        this.points = List.copyOf(points);
    }

    @Override
    int width() {
        return WIDTH;
    }

    @Override
    int height() {
        return HEAD + HEIGHT + points.size() * LEGEND_LINE;
    }

    @Override
    void paint(Graphics2D graphics) {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(height() - HEAD).xAxisTitle(xAxis).yAxisTitle(yAxis).build();
        Styles.plain(chart.getStyler());
        chart.getStyler().setChartTitleVisible(false).setLegendLayout(Styler.LegendLayout.Vertical);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter).setChartPadding(PADDING).setMarkerSize(MARKER)
                .setLegendPosition(Styler.LegendPosition.OutsideS)
                .setDecimalPattern("#,##0.######").setLocale(Locale.ROOT);
        chart.getStyler().setXAxisDecimalPattern("0.00"); // few points are labelled with their own numbers, whatever their digits
        for (int i = 0; i < points.size(); i++) {
            List<Point> own = points.get(i).points();
            Styles.distinguish(chart.addSeries(points.get(i).name(), own.stream().mapToDouble(Point::x).toArray(),
                    own.stream().mapToDouble(Point::y).toArray()), i);
        }
        Titles.draw(graphics, title, Styles.font(Font.BOLD, 14), PADDING, WIDTH - 2 * PADDING);
        graphics.translate(0, HEAD);
        chart.paint(graphics, WIDTH, height() - HEAD);
    }
}
