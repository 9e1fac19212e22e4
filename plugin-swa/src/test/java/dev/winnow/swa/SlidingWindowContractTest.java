package dev.winnow.swa;

import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.contract.MapMetadata;
import dev.winnow.spi.contract.MaskRefinerContract;
import dev.winnow.spi.contract.RefinerCase;
import dev.winnow.spi.contract.TestLayers;
import java.util.List;
import java.util.Map;

class SlidingWindowContractTest extends MaskRefinerContract {

    @Override
    protected MaskRefinerProvider provider() {
        return new SlidingWindowRefinerProvider();
    }

    @Override
    protected List<RefinerCase> cases() {
        return List.of(
                new RefinerCase("model with local and global layers", new MapMetadata("gemma3", Map.of()),
                        List.of(TestLayers.layer(0, 4, 1, 32, 128), TestLayers.layer(1, 4, 1, 32, 0)), ""),
                RefinerCase.ofSettings("window=100"), RefinerCase.ofSettings("window=1"), RefinerCase.ofSettings("window=200,sinks=70"));
    }
}
