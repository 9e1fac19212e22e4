package dev.winnow.swa;

import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Provides the sliding window. It is required for models that were trained with one (Gemma 2 and 3), in the layers that have it; for any other model it runs
 * if the user forces a window, then in every layer.
 */
public final class SlidingWindowRefinerProvider implements MaskRefinerProvider {

    @Override
    public String id() {
        return "swa";
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public RefinerDecision decide(RefinerRequest request) {
        Settings settings = request.settings();
        settings.requireKnown("window", "sinks");
        OptionalInt forced = settings.integer("window", 1, Integer.MAX_VALUE);
        int sinks = settings.integer("sinks", 0, Integer.MAX_VALUE).orElse(0);
        if (sinks > 0 && forced.isEmpty()) {
            throw new IllegalArgumentException("swa: 'sinks' needs 'window', because a model's own window has none");
        }
        int[] windows = request.layers().stream().mapToInt(layer -> layer.attention().window()).toArray();
        Map<String, String> parameters = new TreeMap<>();
        boolean required = false;
        for (LayerSpec layer : request.layers()) {
            int own = layer.attention().window();
            if (own > 0) {
                required = true;
                parameters.put("window", Integer.toString(own));
            }
        }
        if (forced.isPresent()) {
            parameters.put("forced-window", Integer.toString(forced.getAsInt()));
            parameters.put("sinks", Integer.toString(sinks));
        } else if (!required) {
            return new RefinerDecision.DoesNotApply(List.of("the model has no sliding window, and no 'window' was set"));
        }
        return new RefinerDecision.Applies(RefinerPhase.POSITIONAL, required, parameters,
                context -> new SlidingWindowRefiner(windows, forced.orElse(0), sinks));
    }

    @Override
    public String description() {
        return "sliding window: exact for models that were trained with one; window=N forces one on every layer, sinks=N keeps the first keys"
                + " (a forced window loses accuracy: +5 % to +8 % perplexity at 8k with window=1024,sinks=64)";
    }
}
