package dev.winnow.launcher.chart;

import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Things by two measurements, gain across and loss upwards, each with its name beside it. Losses differ by powers of ten, so that their axis is logarithmic, and
 * gains are ratios: a dashed line stands at 1.
 */
public final class ScatterChart extends Chart {

    private static final int WIDTH = 820;
    private static final int HEIGHT = 480;
    private static final int HEAD = 52; // two lines of the title
    private static final int PADDING = 12;
    private static final int RADIUS = 5;
    /** From here on a line leads from the mark to its name. */
    private static final double FAR = 14;
    private static final BasicStroke THIN = new BasicStroke(0.7f);
    private static final BasicStroke OUTLINE = new BasicStroke(1.4f);
    private static final BasicStroke DASHED = new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[]{5, 4}, 0);
    /** Losses below are drawn here: a logarithmic axis has no 0. */
    private static final double SMALLEST = 1e-7;

    private final String title;
    private final String xAxis;
    private final String yAxis;
    private final String note;
    private final List<Point> points;

    /**
     * Two measurements of one thing.
     *
     * @param name   stands beside the mark
     * @param x      gain, as a ratio
     * @param y      loss, 0 or more
     * @param filled whether the mark is filled, not hollow
     */
    public record Point(String name, double x, double y, boolean filled) {}

    /**
     * Creates a picture.
     *
     * @param xAxis  what stands across, with its unit
     * @param yAxis  what stands upwards, with its unit
     * @param note   what filled marks mean
     * @param points one or more
     */
    public ScatterChart(String title, String xAxis, String yAxis, String note, List<Point> points) {
        this.title = title;
        this.xAxis = xAxis;
        this.yAxis = yAxis;
        this.note = note;
        this.points = List.copyOf(points);
    }

    @Override
    int width() {
        return WIDTH;
    }

    @Override
    int height() {
        return HEAD + HEIGHT;
    }

    @Override
    void paint(Graphics2D graphics) {
        Font font = Styles.font(Font.PLAIN, 12);
        Titles.draw(graphics, title, Styles.font(Font.BOLD, 14), PADDING, WIDTH - 2 * PADDING);
        FontMetrics metrics = graphics.getFontMetrics(font);
        Titles.line(graphics, note, font, WIDTH - 2 * PADDING - metrics.stringWidth(note), HEAD - 4);
        graphics.translate(0, HEAD);
        XYChart chart = axes();
        chart.paint(graphics, WIDTH, HEIGHT);
        Rectangle2D area = area(chart);
        Line2D unity = new Line2D.Double(chart.getScreenXFromChart(1), area.getMinY(), chart.getScreenXFromChart(1), area.getMaxY());
        graphics.setColor(INK);
        graphics.setStroke(DASHED);
        graphics.draw(unity);
        List<Point2D> marks = points.stream().map(point -> mark(chart, point)).toList();
        List<Rectangle2D> covered = new ArrayList<>(List.of(new Rectangle2D.Double(unity.getX1() - 1, unity.getY1(), 2, area.getHeight())));
        marks.forEach(mark -> covered.add(new Rectangle2D.Double(mark.getX() - RADIUS, mark.getY() - RADIUS, 2 * RADIUS, 2 * RADIUS)));
        draw(graphics, font, marks, new LabelPlacer(area, covered));
    }

    /** XChart draws the axes; marks and names are drawn here, because it knows neither hollow marks nor names that give way to each other. */
    private XYChart axes() {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle(xAxis).yAxisTitle(yAxis).build();
        Styles.plain(chart.getStyler());
        double left = points.stream().mapToDouble(Point::x).min().orElse(1);
        double right = points.stream().mapToDouble(Point::x).max().orElse(1);
        double margin = 0.08 * Math.max(Math.max(right, 1) - Math.min(left, 1), 0.1);
        double low = Math.pow(10, Math.floor(Math.log10(points.stream().mapToDouble(ScatterChart::loss).min().orElse(1))));
        double high = Math.pow(10, Math.ceil(Math.log10(points.stream().mapToDouble(ScatterChart::loss).max().orElse(1))));
        chart.getStyler().setChartTitleVisible(false).setLegendVisible(false);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter).setYAxisLogarithmic(true)
                .setXAxisMin(Math.min(left, 1) - margin).setXAxisMax(Math.max(right, 1) + margin).setYAxisMin(low)
                .setYAxisMax(high > low ? high : 10 * low).setChartPadding(PADDING).setLocale(Locale.ROOT);
        chart.getStyler().setXAxisDecimalPattern("0.0#").setYAxisDecimalPattern("0.######");
        chart.addSeries("marks", points.stream().mapToDouble(Point::x).toArray(), points.stream().mapToDouble(ScatterChart::loss).toArray())
                .setMarker(SeriesMarkers.NONE);
        return chart;
    }

    private static double loss(Point point) {
        return Math.max(point.y(), SMALLEST);
    }

    private static Point2D mark(XYChart chart, Point point) {
        return new Point2D.Double(chart.getScreenXFromChart(point.x()), chart.getScreenYFromChart(loss(point)));
    }

    /** Returns where points can be, in the picture's units. */
    private static Rectangle2D area(XYChart chart) {
        double left = chart.getScreenXFromChart(chart.getStyler().getXAxisMin());
        double right = chart.getScreenXFromChart(chart.getStyler().getXAxisMax());
        double top = chart.getScreenYFromChart(chart.getStyler().getYAxisMax());
        double bottom = chart.getScreenYFromChart(chart.getStyler().getYAxisMin());
        return new Rectangle2D.Double(left, top, right - left, bottom - top);
    }

    private void draw(Graphics2D graphics, Font font, List<Point2D> marks, LabelPlacer places) {
        FontMetrics metrics = graphics.getFontMetrics(font);
        for (int i = 0; i < points.size(); i++) {
            Point2D mark = marks.get(i);
            Rectangle2D box = places.place(mark, metrics.stringWidth(points.get(i).name()), metrics.getAscent() + metrics.getDescent());
            Point2D near = new Point2D.Double(Math.clamp(mark.getX(), box.getMinX(), box.getMaxX()),
                    Math.clamp(mark.getY(), box.getMinY(), box.getMaxY()));
            graphics.setColor(INK);
            if (near.distance(mark) > FAR) {
                graphics.setStroke(THIN);
                graphics.draw(new Line2D.Double(mark, near));
            }
            Ellipse2D circle = new Ellipse2D.Double(mark.getX() - RADIUS, mark.getY() - RADIUS, 2 * RADIUS, 2 * RADIUS);
            graphics.setColor(points.get(i).filled() ? INK : PAPER);
            graphics.fill(circle);
            graphics.setColor(INK);
            graphics.setStroke(OUTLINE);
            graphics.draw(circle);
            Titles.line(graphics, points.get(i).name(), font, (int) Math.round(box.getX()),
                    (int) Math.round(box.getY()) + metrics.getAscent());
        }
    }
}
