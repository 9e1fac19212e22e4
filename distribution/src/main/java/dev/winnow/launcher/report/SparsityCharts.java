package dev.winnow.launcher.report;

import dev.winnow.api.ModelInfo;
import dev.winnow.core.eval.SparsityMap;
import dev.winnow.core.eval.SparsityShare;
import dev.winnow.launcher.chart.HeatMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Draws where attention goes, one map for each arm. */
public final class SparsityCharts {

    private static final HeatMap.Axes HEADS = new HeatMap.Axes("head", "layer");

    private SparsityCharts() {}

    /** Returns the kept keys by layer and head. */
    public static HeatMap kept(ModelInfo model, Map<String, SparsityMap> maps) {
        List<HeatMap.Panel> panels = heads(maps, SparsityShare::keptRatio, "%.0f %% kept");
        return new HeatMap(model.name() + ": kept keys (%)", HEADS, new HeatMap.Scale(0, 100, "0"), List.of(panels));
    }

    /** Returns the dropped mass by layer and head; the darkest grey is the largest value, rounded up. */
    public static HeatMap mass(ModelInfo model, Map<String, SparsityMap> maps) {
        List<HeatMap.Panel> panels = heads(maps, SparsityShare::mass, "%.2f %% dropped");
        double largest = panels.stream().flatMap(panel -> panel.values().stream()).flatMap(List::stream).mapToDouble(Double::doubleValue)
                .filter(value -> !Double.isNaN(value)).max().orElse(0);
        return new HeatMap(model.name() + ": mean dropped softmax mass (%)", HEADS,
                new HeatMap.Scale(0, Math.max(Math.ceil(largest), 1), "0.0"),
                List.of(panels));
    }

    /** Returns the kept keys of one head by query and key. */
    public static HeatMap blocks(ModelInfo model, Map<String, SparsityMap> maps) {
        SparsityMap any = maps.values().iterator().next();
        List<HeatMap.Panel> panels = maps.entrySet().stream().map(entry -> blocks(entry.getKey(), entry.getValue())).toList();
        return new HeatMap(
                model.name() + ": kept keys (%) of layer " + any.blocksLayer() + ", head " + any.blocksHead() + ", in blocks of "
                        + any.blockWidth() + " queries and keys",
                new HeatMap.Axes("position of the key", "position of the query"), new HeatMap.Scale(0, 100, "0"), List.of(panels));
    }

    private static List<HeatMap.Panel> heads(Map<String, SparsityMap> maps, ToDoubleFunction<SparsityShare> value, String summary) {
        return maps.entrySet().stream().map(entry -> {
            SparsityMap map = entry.getValue();
            int heads = IntStream.range(0, map.layerCount()).map(map::headCount).max().orElse(0);
            List<List<Double>> values = IntStream.range(0, map.layerCount()).mapToObj(layer -> IntStream.range(0, heads)
                    .mapToObj(head -> head < map.headCount(layer) ? 100 * value.applyAsDouble(map.ofHead(layer, head)) : Double.NaN)
                    .toList()).toList();
            String title = entry.getKey() + ": " + String.format(Locale.ROOT, summary, 100 * value.applyAsDouble(map.total()));
            return new HeatMap.Panel(title, numbers(heads, 1), numbers(map.layerCount(), 1), values);
        }).toList();
    }

    private static HeatMap.Panel blocks(String arm, SparsityMap map) {
        int count = map.blockCount();
        List<List<Double>> values = IntStream.range(0, count)
                .mapToObj(query -> IntStream.range(0, count).mapToObj(key -> 100 * map.keptOfBlock(query, key)).toList()).toList();
        return new HeatMap.Panel(arm, numbers(count, map.blockWidth()), numbers(count, map.blockWidth()), values);
    }

    private static List<String> numbers(int count, int step) {
        return IntStream.range(0, count).mapToObj(i -> String.valueOf(i * step)).toList();
    }
}
