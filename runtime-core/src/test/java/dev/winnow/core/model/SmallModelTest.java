package dev.winnow.core.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.api.Cancellation;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.core.cache.KvCache;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.core.reference.ReferenceAttentionProvider;
import dev.winnow.core.reference.ReferenceElementwiseProvider;
import dev.winnow.core.reference.ReferenceLinearProvider;
import dev.winnow.spi.Activation;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.GgmlType;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.RopeStyle;
import java.util.List;
import org.junit.jupiter.api.Test;

class SmallModelTest {

    @Test
    void aDenseModelWithEveryFormatRuns() {
        run(64, 0, false, GgmlType.values());
    }

    @Test
    void headsThatNoBlockFitsRun() {
        run(80, 0, true, GgmlType.Q4_K, GgmlType.Q8_0);
    }

    @Test
    void aMixtureOfExpertsRuns() {
        run(64, 8, true, GgmlType.Q4_K);
    }

    private static void run(int headDim, int experts, boolean norms, GgmlType... types) {
        LayerSpec layer = new LayerSpec(0, new LayerSpec.Attention(9, 3, headDim, headDim, 0.125f, 0, 512, norms, false),
                new LayerSpec.Rope(RopeStyle.NEOX, headDim, 10000, 1, 0, 1, 32, 1, 2048, List.of()),
                new LayerSpec.FeedForward(Activation.SILU, 4096, experts, Math.min(experts, 2)), 1e-5f, norms);
        ModelSpec spec = new ModelSpec("llama", 49152, 576, 2048, List.of(layer), 1, 1e-5f, 0, 0, 2048, List.of(), true, 1);
        BackendContext context = new BackendContext(1);
        Backends backends = new Backends(new ReferenceAttentionProvider().create(context), new ReferenceLinearProvider().create(context),
                new ReferenceElementwiseProvider().create(context), new Backends.Names("reference", "reference", "reference"));
        LoadedWeights small = SmallModel.like(spec, List.of(types), backends.linear());
        assertEquals(types.length, small.spec().layers().size());
        try (WorkerPool pool = new WorkerPool(1)) {
            KvCache cache = new KvCache(small.spec().layers(), KvType.F16);
            ForwardPass pass = new ForwardPass(small, backends, pool, cache, List.of(), RefinerErrors.FAIL, 16, 3);
            pool.acquire(Cancellation.never());
            for (int count : new int[]{3, 1}) {
                cache.grow(count);
                pass.append(new int[count], 0, count, LogitsConsumer.NONE, true);
                assertArrayEquals(new float[small.spec().vocabularySize()], pass.logits());
            }
            pool.release();
            cache.clear();
        }
    }
}
