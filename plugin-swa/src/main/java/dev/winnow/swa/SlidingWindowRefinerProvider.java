package dev.winnow.swa;

import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.ModelMetadata;
import dev.winnow.spi.Provider;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.RefinerRequest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Offers sliding windows. Applies, and is required, if a layer of the model has a window; applies too if the user forces a window on all layers. A model that
 * declares a window which llama.cpp, and the runtime with it, does not apply (Mistral 7B and Phi 3: {@code <arch>.attention.sliding_window}) gets this one if the
 * user names the refiner. Settings:
 * <ul>
 * <li>{@code window}: keys that a query keeps on every layer, its own included; if not given, the declared one
 * <li>{@code sinks}: first keys of the context that such a forced window always keeps, 0 if not given
 * </ul>
 */
public final class SlidingWindowRefinerProvider implements MaskRefinerProvider {

    private static final String ID = "swa";
    private static final String WINDOW = "window";
    private static final String SINKS = "sinks";

    /** Creates the provider. */
    public SlidingWindowRefinerProvider() {}

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int spiVersion() {
        return Provider.SPI_VERSION;
    }

    @Override
    public String description() {
        return "sliding window: exact for models that were trained with one (named alone, it applies the one that Mistral 7B and Phi 3 declare);"
                + " window=N forces one on every layer, sinks=N keeps the first keys. A forced window costs accuracy, and what lies further back cannot be recalled:"
                + " docs/sparse-attention.md says how much";
    }

    @Override
    public RefinerDecision decide(RefinerRequest request) {
        request.settings().requireKnown(WINDOW, SINKS);
        boolean required = request.layers().stream().anyMatch(layer -> layer.attention().window() > 0);
        int forcedWindow = request.settings().integer(WINDOW, 1, Integer.MAX_VALUE)
                .orElse(request.asked() && !required ? declaredWindow(request.metadata()) : 0);
        int sinks = request.settings().integer(SINKS, 0, Integer.MAX_VALUE).orElse(0);
        if (sinks > 0 && forcedWindow == 0) {
            throw new IllegalArgumentException(ID + ": 'sinks' belongs to a forced window; give 'window' as well");
        }
        if (!required && forcedWindow == 0) {
            return new RefinerDecision.DoesNotApply(
                    List.of("no layer of the model has a sliding window",
                            "no window is declared by its metadata or forced by the setting 'window'"));
        }
        return new RefinerDecision.Applies(RefinerPhase.POSITIONAL, required, parameters(request.layers(), forcedWindow, sinks),
                context -> new SlidingWindowRefiner(forcedWindow, sinks));
    }

    /** Returns the window in the metadata; 0 for none. */
    private static int declaredWindow(ModelMetadata metadata) {
        String key = metadata.architecture() + ".attention.sliding_window";
        long window = metadata.integer(key).orElse(0);
        if (window < 0) {
            throw new IllegalArgumentException("the metadata key '" + key + "' is " + window + ", but takes 0 or more; give 'window'");
        }
        return (int) Math.min(window, Integer.MAX_VALUE);
    }

    private static Map<String, String> parameters(List<LayerSpec> layers, int forcedWindow, int sinks) {
        Map<String, String> parameters = new TreeMap<>();
        for (LayerSpec layer : layers) {
            if (layer.attention().window() > 0) {
                parameters.put(WINDOW, Integer.toString(layer.attention().window()));
            }
        }
        if (forcedWindow > 0) {
            parameters.put("forced-window", Integer.toString(forcedWindow));
            parameters.put(SINKS, Integer.toString(sinks));
        }
        return parameters;
    }
}
