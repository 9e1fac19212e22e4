package dev.winnow.spi.contract;

import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.ModelMetadata;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import java.util.List;
import java.util.Map;

/**
 * A model and settings that a refiner is tested with.
 *
 * @param name     shown in test reports
 * @param metadata the model's metadata
 * @param layers   the model's layers; tests keep all keys of all of them, so a few small ones are enough
 * @param settings the user's settings, as {@link Settings#parse} reads them
 */
public record RefinerCase(String name, ModelMetadata metadata, List<LayerSpec> layers, String settings) {

    /** Creates a case of a llama model without metadata: two layers, two KV heads, three query heads for each, dimension 40. */
    public static RefinerCase ofSettings(String settings) {
        return new RefinerCase(settings, new MapMetadata("llama", Map.of()),
                List.of(TestLayers.layer(0, 6, 2, 40, 0), TestLayers.layer(1, 6, 2, 40, 0)), settings);
    }

    /** Returns the provider's answer, which must be that the refiner applies. */
    RefinerDecision.Applies decide(MaskRefinerProvider provider) {
        RefinerDecision decision = provider.decide(new RefinerRequest(metadata, layers, Settings.parse(provider.id(), settings), true));
        if (decision instanceof RefinerDecision.Applies applies) {
            return applies;
        }
        throw new AssertionError(provider.id() + " does not apply to the case " + name + ": " + decision);
    }

    @Override
    public String toString() {
        return name;
    }
}
