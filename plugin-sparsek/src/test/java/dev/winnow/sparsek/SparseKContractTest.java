package dev.winnow.sparsek;

import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.contract.MapMetadata;
import dev.winnow.spi.contract.MaskRefinerContract;
import dev.winnow.spi.contract.RefinerCase;
import dev.winnow.spi.contract.TestLayers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class SparseKContractTest extends MaskRefinerContract {

    @Override
    protected MaskRefinerProvider provider() {
        return new SparseKRefinerProvider();
    }

    @Override
    protected List<RefinerCase> cases() {
        List<RefinerCase> cases = new ArrayList<>();
        cases.add(new RefinerCase("exact, from metadata",
                new MapMetadata("llama", Map.of("llama.sparsek.enable", true, "llama.sparsek.top_k", 20L, "llama.sparsek.window", 16L)),
                List.of(TestLayers.layer(0, 2, 2, 33, 0), TestLayers.layer(1, 8, 1, 64, 200)), ""));
        for (String settings : List.of("top-k=50,stride=30", "top-k=0,window=9,stride=5", "selection=static,sinks=10,recent=80",
                "selection=auto,budget=300", "prefill=xattention,group=16,tau=0.6,decode=dense", "prefill=xattention,group=32,tau=0.5",
                "prefill=blocks,tau=0.5", "selection=pages,recent=64,budget=200", "selection=pages,page=32,tau=0.7,budget=250,recent=64",
                "selection=int8,budget=200", "decode=int8,page=1,budget=200,budget-fraction=0.5", "prefill=dense,decode=exact,top-k=100")) {
            cases.add(RefinerCase.ofSettings(settings + ",min-context=70"));
        }
        return cases;
    }
}
