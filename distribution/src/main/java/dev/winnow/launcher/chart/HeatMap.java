package dev.winnow.launcher.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;
import org.knowm.xchart.style.Styler;

/** Grey cells, one map or several side by side with one scale: white is the smallest value. */
public final class HeatMap extends Chart {

    /** Cells of a side from which neither values nor lines between cells have room. */
    private static final int MANY = 24;

    /** Names that have room along a side. */
    private static final int MOST_NAMES = 12;
    private static final int MOST_ACROSS = 4;
    /** Cells of a side up to which a small map is enough. */
    private static final int FEW = 6;
    private static final int PANEL_HEAD = 42; // two lines
    private static final int HEAD = 52; // two lines
    private static final int MARGIN = 16;
    private static final int STEPS = 16;

    /** The darkest level of grey on which black digits can be read. */
    private static final int LIGHT = 0x70;

    private final String title;
    private final Axes axes;
    private final Scale scale;
    private final List<List<Panel>> lines;
    private final int panelWidth;
    private final int mapHeight;

    /**
     * What the axes mean, with units.
     *
     * @param x across
     * @param y upwards
     */
    public record Axes(String x, String y) {}

    /**
     * What the greys mean.
     *
     * @param smallest value of white
     * @param largest  value of the darkest grey
     * @param pattern  how values are written, for {@link java.text.DecimalFormat}
     */
    public record Scale(double smallest, double largest, String pattern) {}

    /**
     * One map.
     *
     * @param title   what is shown
     * @param columns names of the columns, left to right
     * @param rows    names of the rows, from below
     * @param values  [rows][columns]; NaN for a cell that stays empty
     */
    public record Panel(String title, List<String> columns, List<String> rows, List<List<Double>> values) {
        /** Copies the lists. */
        public Panel {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
            values = values.stream().map(List::copyOf).toList();
        }
    }

    /**
     * Creates a picture of one or more maps.
     *
     * @param groups maps that stand beside each other, in further lines where they are more than {@value #MOST_ACROSS}; one group or more
     */
    public HeatMap(String title, Axes axes, Scale scale, List<List<Panel>> groups) {
        this.title = title;
        this.axes = axes;
        this.scale = scale;
        this.lines = groups.stream().flatMap(HeatMap::lines).toList();
        boolean small = groups.stream().flatMap(List::stream)
                .allMatch(panel -> panel.columns().size() <= FEW && panel.rows().size() <= FEW);
        panelWidth = small ? 400 : 520;
        mapHeight = small ? 320 : 420;
    }

    @Override
    int width() {
        return lines.stream().mapToInt(List::size).max().orElse(1) * panelWidth;
    }

    @Override
    int height() {
        return HEAD + lines.size() * (PANEL_HEAD + mapHeight);
    }

    @Override
    void paint(Graphics2D graphics) {
        graphics.setColor(INK);
        Titles.draw(graphics, title, Styles.font(Font.BOLD, 14), MARGIN, width() - 2 * MARGIN);
        for (int line = 0; line < lines.size(); line++) {
            for (int i = 0; i < lines.get(line).size(); i++) {
                Panel panel = lines.get(line).get(i);
                Graphics2D part = (Graphics2D) graphics.create();
                part.translate(i * panelWidth, HEAD + line * (PANEL_HEAD + mapHeight));
                Titles.draw(part, panel.title(), Styles.font(Font.BOLD, 12), MARGIN, panelWidth - 2 * MARGIN);
                part.translate(0, PANEL_HEAD);
                chart(panel).paint(part, panelWidth, mapHeight);
                part.dispose();
            }
        }
    }

    /** Lines as long as each other, but for the last one: five maps are three and two. */
    private static Stream<List<Panel>> lines(List<Panel> group) {
        int count = Math.ceilDiv(group.size(), MOST_ACROSS);
        int across = Math.max(1, Math.ceilDiv(group.size(), Math.max(1, count)));
        return IntStream.range(0, count).mapToObj(line -> group.subList(line * across, Math.min(group.size(), (line + 1) * across)));
    }

    private HeatMapChart chart(Panel panel) {
        HeatMapChart chart = new HeatMapChartBuilder().width(panelWidth).height(mapHeight).xAxisTitle(axes.x())
                .yAxisTitle(axes.y()).build();
        HeatMapStyler style = chart.getStyler();
        Styles.plain(style);
        boolean few = panel.columns().size() < MANY && panel.rows().size() < MANY;
        style.setChartTitleVisible(false);
        style.setRangeColors(IntStream.rangeClosed(0, STEPS).mapToObj(step -> grey(step, few ? LIGHT : 0)).toArray(Color[]::new))
                .setMin(scale.smallest())
                .setMax(scale.largest()).setDrawBorder(few).setShowValue(few).setValueFont(Styles.font(Font.PLAIN, 11))
                .setHeatMapValueDecimalPattern(scale.pattern())
                .setGradientColorColumnHeight(mapHeight / 2).setLegendPosition(Styler.LegendPosition.OutsideE);
        style.setPlotContentSize(1).setDecimalPattern(scale.pattern()).setLocale(Locale.ROOT);
        style.setXAxisMaxLabelCount(Math.max(2, Math.max(panel.columns().size(), panel.rows().size()))).setPlotGridLinesVisible(false);
        List<Number[]> cells = new ArrayList<>();
        for (int row = 0; row < panel.rows().size(); row++) {
            for (int column = 0; column < panel.columns().size(); column++) {
                double value = panel.values().get(row).get(column);
                if (!Double.isNaN(value)) {
                    cells.add(new Number[]{column, row, value});
                }
            }
        }
        chart.addSeries("values", thinned(panel.columns()), thinned(panel.rows()), cells);
        return chart;
    }

    /** Leaves out names where there are too many. XChart can do so too, but sets the names that it leaves beside rows of other names. */
    private static List<String> thinned(List<String> names) {
        int step = 1;
        while (names.size() > step * MOST_NAMES) {
            step *= 2;
        }
        int every = step;
        return IntStream.range(0, names.size()).mapToObj(i -> i % every == 0 ? names.get(i) : "").toList();
    }

    /** Linear from white to the darkest level. */
    private static Color grey(int step, int darkest) {
        int level = 255 - step * (255 - darkest) / STEPS;
        return new Color(level, level, level);
    }
}
