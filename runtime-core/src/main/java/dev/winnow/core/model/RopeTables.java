package dev.winnow.core.model;

import dev.winnow.spi.LayerSpec;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rotary tables of a session: one for each kind of layer. */
final class RopeTables {

    private final Map<LayerSpec.Rope, RopeTable> distinct = new HashMap<>();
    private final @Nullable RopeTable[] ofLayers; // [layer], null for none

    RopeTables(ModelSpec spec, int contextLength, int maxTokens) {
        boolean longer = !spec.longFactors().isEmpty() && contextLength > spec.originalContextLength();
        ofLayers = new RopeTable[spec.layers().size()];
        for (LayerSpec each : spec.layers()) {
            if (each.rope() != null) {
                ofLayers[each.index()] = distinct.computeIfAbsent(each.rope(),
                        rope -> new RopeTable(rope, longer ? spec.longFactors() : rope.factors(), maxTokens));
            }
        }
    }

    /** Fills the tables for {@code count} positions from {@code first}. */
    void fill(int first, int count) {
        for (RopeTable table : distinct.values()) {
            table.fill(first, count);
        }
    }

    /** Returns the table of a layer; null if it has no rotary position embedding. */
    @Nullable
    RopeTable of(LayerSpec layer) {
        return ofLayers[layer.index()];
    }
}
