package dev.winnow.launcher.chart;

import java.awt.Font;
import java.awt.Graphics2D;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/** Lines through measured points with error bars, one line for each thing that is compared. */
public final class LineChart extends Chart {

    private static final int WIDTH = 820;
    private static final int HEIGHT = 400;
    private static final int HEAD = 52; // two lines of the title
    private static final int LEGEND_LINE = 22;
    private static final int PADDING = 12;
    /** Empty part above the highest point. */
    private static final double ROOM = 1.06;

    private final String title;
    private final String xAxis;
    private final String yAxis;
    private final List<Line> lines;

    /**
     * One line.
     *
     * @param name   for the legend
     * @param points with ascending {@code x}
     */
    public record Line(String name, List<Point> points) {
        /** Copies the list. */
        public Line {
            points = List.copyOf(points);
        }

        private double[] values(ToDoubleFunction<Point> value) {
            return points.stream().mapToDouble(value).toArray();
        }
    }

    /**
     * A measured point.
     *
     * @param x     place
     * @param y     value
     * @param error half the length of the error bar, in the unit of {@code y}
     */
    public record Point(double x, double y, double error) {}

    /**
     * Creates a picture; the y axis begins at 0.
     *
     * @param xAxis what stands across, with its unit
     * @param yAxis what stands upwards, with its unit
     */
    public LineChart(String title, String xAxis, String yAxis, List<Line> lines) {
        this.title = title;
        this.xAxis = xAxis;
        this.yAxis = yAxis;
        this.lines = List.copyOf(lines);
    }

    @Override
    int width() {
        return WIDTH;
    }

    @Override
    int height() {
        return HEAD + HEIGHT + lines.size() * LEGEND_LINE;
    }

    @Override
    void paint(Graphics2D graphics) {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(height() - HEAD).xAxisTitle(xAxis).yAxisTitle(yAxis).build();
        Styles.plain(chart.getStyler());
        chart.getStyler().setChartTitleVisible(false).setLegendLayout(Styler.LegendLayout.Vertical);
        chart.getStyler().setChartPadding(PADDING).setMarkerSize(9).setLegendPosition(Styler.LegendPosition.OutsideS)
                .setDecimalPattern("#,##0.###").setLocale(Locale.ROOT);
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            Styles.distinguish(chart.addSeries(line.name(), line.values(Point::x), line.values(Point::y), line.values(Point::error)), i);
        }
        double highest = greatest(point -> point.y() + point.error());
        double furthest = greatest(Point::x);
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(highest * ROOM).setXAxisMin(-furthest * (ROOM - 1) / 2)
                .setXAxisMax(furthest * ROOM);
        Titles.draw(graphics, title, Styles.font(Font.BOLD, 14), PADDING, WIDTH - 2 * PADDING);
        graphics.translate(0, HEAD);
        chart.paint(graphics, WIDTH, height() - HEAD);
    }

    private double greatest(ToDoubleFunction<Point> value) {
        return lines.stream().flatMap(line -> line.points().stream()).mapToDouble(value).max().orElse(1);
    }
}
