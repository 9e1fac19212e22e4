package dev.winnow.cpu;

import dev.winnow.cpu.kernel.LinearScratch;
import dev.winnow.cpu.kernel.SmallProduct;
import dev.winnow.spi.Activations;
import dev.winnow.spi.GgmlType;
import dev.winnow.spi.Linear;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Matrix products: register tiles over decoded panels for many tokens, kernels that unpack row by row for few. */
final class CpuLinear implements LinearBackend {

    private final LinearScratch[] scratch; // [workers]
    private final ThreadLocal<KeyPageProduct> keyPageProducts = ThreadLocal.withInitial(KeyPageProduct::new);
    private final OrdersInUse inUse = new OrdersInUse();

    CpuLinear(int workers) {
        scratch = new LinearScratch[workers];
        Arrays.setAll(scratch, worker -> new LinearScratch());
    }

    @Override
    public List<String> unsupported(GgmlType type) {
        return List.of();
    }

    @Override
    public Linear prepare(WeightMatrix weights) {
        return new CpuMatrix(weights, WeightKernels.of(weights.type()), inUse, scratch);
    }

    @Override
    public Activations newActivations(int maxTokens, int columns) {
        return new CpuActivations(maxTokens, columns, inUse);
    }

    @Override
    public void multiplyTransposed(float[] a, int aOffset, int aStride, int m, float[] b, int bOffset, int bStride, int n, int k,
            float[] out, int outOffset, int outStride) {
        SmallProduct.multiply(a, aOffset, aStride, m, b, bOffset, bStride, n, k, out, outOffset, outStride);
    }

    @Override
    public void multiplyKeyPages(float[] a, int aOffset, int aStride, int m, @Nullable MemorySegment[] pages, int pageCount, int k,
            float[] out, int outOffset, int outStride) {
        keyPageProducts.get().multiply(a, aOffset, aStride, m, pages, pageCount, k, out, outOffset, outStride);
    }
}
