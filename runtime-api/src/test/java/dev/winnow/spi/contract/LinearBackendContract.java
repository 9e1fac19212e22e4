package dev.winnow.spi.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.winnow.spi.Activations;
import dev.winnow.spi.GgmlType;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.Linear;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every {@link LinearBackend} does: the products of {@link GgmlType#dequantize} with the activations, to the accuracy of F32, for every type that it
 * does not report as unsupported.
 *
 * <p>The tolerance. A sum of n products in F32 takes at most 2n roundings, each at most 2^−24 of a partial sum. Partial sums are bounded by Σ|w||x|, but a
 * kernel may fold zero points and minima, and then w is replaced by the largest weight W of the row, times 4 (it may work with 1 + q/16, which is up to
 * 32/15 of the largest quant, and add as much to take the offset off; with 1 + q/256 and 16 times the activation it is up to 18 times, but in sums of eight
 * products and not of n). Roundings are as often up as down, so that their sum grows as √n, of which 8 times is
 * never seen: {@code 8 · 4 · √(2n) · 2^−24 · W · mean|x| · √n}. A weight that is off by one quant of 15 is 30 times outside at 256 columns.
 */
public abstract class LinearBackendContract {

    private static final int[] TOKENS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 63, 64, 130};
    private static final float UNTOUCHED = 12345.678f;

    /** Returns a new backend for {@code workers} workers. */
    protected abstract LinearBackend backend(int workers);

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void everyNumberOfTokensAgreesWithTheDoublePrecisionProduct(GgmlType type) {
        LinearBackend backend = supporting(type);
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix weights = RandomWeights.matrix(arena, type, 70, columns(type, 2), 2, 1);
            for (int tokens : TOKENS) {
                check(backend, weights, tokens, 0, weights.rows(), 5, weights.rows() + 3);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void everyNumberOfRowsAndEveryBandAgrees(GgmlType type) {
        LinearBackend backend = supporting(type);
        try (Arena arena = Arena.ofConfined()) {
            for (int rows : new int[]{1, 3, 63, 64, 65, 100, 130}) {
                WeightMatrix weights = RandomWeights.matrix(arena, type, rows, columns(type, 1), rows % 7, rows);
                for (int tokens : new int[]{1, 2, 7}) {
                    check(backend, weights, tokens, 0, rows, 0, rows);
                    check(backend, weights, tokens, rows / 3, rows - rows / 4, 2, rows + 1);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void everyNumberOfColumnsAgrees(GgmlType type) {
        LinearBackend backend = supporting(type);
        int block = type.blockSize();
        int[] blocks = block == 1
                ? new int[]{1, 2, 3, 5, 15, 16, 17, 31, 63, 64, 65, 100, 255, 257, 1023, 1030, 2049}
                : block == 32 ? new int[]{1, 2, 3, 4, 5, 6, 7, 8, 9, 18, 31, 33, 48, 65, 71} : new int[]{1, 2, 3, 4, 5, 9, 17, 18};
        try (Arena arena = Arena.ofConfined()) {
            for (int count : blocks) {
                WeightMatrix weights = RandomWeights.matrix(arena, type, 19, count * block, 1, count);
                for (int tokens : new int[]{1, 3, 4}) {
                    check(backend, weights, tokens, 0, 19, 0, 19);
                }
            }
        }
    }

    /** With a single activation of 1, every output is a weight: no error of one bit can hide in a sum. */
    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void unitVectorsGiveTheWeights(GgmlType type) {
        LinearBackend backend = supporting(type);
        int columns = columns(type, 1);
        int rows = 18;
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix weights = RandomWeights.matrix(arena, type, rows, columns, 3, 99);
            float[] values = dequantize(weights);
            Linear linear = backend.prepare(weights);
            for (int tokens : new int[]{1, 4}) {
                Activations x = backend.newActivations(tokens, columns);
                float[] out = new float[tokens * rows];
                for (int column = 0; column < columns; column += tokens) {
                    Arrays.fill(x.values(), 0);
                    for (int token = 0; token < tokens; token++) {
                        x.values()[token * columns + Math.min(column + token, columns - 1)] = 1;
                    }
                    x.seal(tokens);
                    linear.multiply(0, x, 0, rows, out, 0, rows);
                    for (int i = 0; i < out.length; i++) {
                        int row = i % rows;
                        float expected = values[row * columns + Math.min(column + i / rows, columns - 1)];
                        float largest = largest(values, row * columns, columns);
                        // three roundings of numbers up to four times the largest weight
                        assertEquals(expected, out[i], 12 * 0x1p-24f * largest, type + " row " + row + " column " + column);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void bandsDoNotChangeABit(GgmlType type) {
        LinearBackend backend = supporting(type);
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix weights = RandomWeights.matrix(arena, type, 150, columns(type, 5), 0, 7);
            Linear linear = backend.prepare(weights);
            for (int tokens : new int[]{1, 3, 20}) {
                Activations x = activations(backend, tokens, weights.columns(), 3);
                float[] whole = new float[tokens * 150];
                float[] banded = new float[tokens * 150];
                linear.multiply(0, x, 0, 150, whole, 0, 150);
                for (int row = 0; row < 150; row += 37) {
                    linear.multiply(0, x, row, Math.min(150, row + 37), banded, 0, 150);
                }
                assertArrayEquals(whole, banded, type + ", " + tokens + " tokens");
            }
        }
    }

    @Test
    void weightsOnTheHeapAgree() {
        LinearBackend backend = supporting(GgmlType.Q8_0);
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix weights = RandomWeights.matrix(arena, GgmlType.Q8_0, 20, 256, 0, 4);
            byte[] bytes = weights.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            check(backend, new WeightMatrix("heap", GgmlType.Q8_0, 20, 256, MemorySegment.ofArray(bytes)), 1, 0, 20, 0, 20);
        }
    }

    @Test
    void workersDoNotDisturbEachOther() throws Exception {
        LinearBackend backend = backend(2);
        GgmlType type = GgmlType.Q4_K;
        assumeTrue(backend.unsupported(type).isEmpty(), "the backend does not support " + type);
        try (Arena arena = Arena.ofShared(); ExecutorService pool = Executors.newFixedThreadPool(2)) {
            WeightMatrix weights = RandomWeights.matrix(arena, type, 256, 1280, 0, 8);
            Linear linear = backend.prepare(weights);
            for (int tokens : new int[]{1, 30}) {
                Activations x = activations(backend, tokens, weights.columns(), 5);
                float[] alone = new float[tokens * 256];
                linear.multiply(0, x, 0, 256, alone, 0, 256);
                for (int repetition = 0; repetition < 50; repetition++) {
                    float[] together = new float[tokens * 256];
                    Future<?> first = pool.submit(() -> linear.multiply(0, x, 0, 128, together, 0, 256));
                    Future<?> second = pool.submit(() -> linear.multiply(1, x, 128, 256, together, 0, 256));
                    first.get();
                    second.get();
                    assertArrayEquals(alone, together);
                }
            }
        }
    }

    @Test
    void activationsOfAnotherLengthAreRefused() {
        LinearBackend backend = supporting(GgmlType.F32);
        try (Arena arena = Arena.ofConfined()) {
            Linear linear = backend.prepare(RandomWeights.matrix(arena, GgmlType.F32, 4, 8, 0, 1));
            Activations x = activations(backend, 1, 9, 1);
            assertThrows(IllegalArgumentException.class, () -> linear.multiply(0, x, 0, 4, new float[4], 0, 4));
            Activations fitting = activations(backend, 2, 8, 1);
            assertThrows(IndexOutOfBoundsException.class, () -> linear.multiply(0, fitting, 0, 5, new float[10], 0, 5));
            assertThrows(IndexOutOfBoundsException.class, () -> linear.multiply(0, fitting, 0, 4, new float[7], 0, 4));
        }
    }

    @Test
    void productsWithPagesOfKeysAgree() {
        LinearBackend backend = backend(1);
        Random random = new Random(7);
        for (int m : new int[]{1, 3, 4, 6, 7, 16, 18, 23}) {
            for (int k : new int[]{1, 7, 64, 128}) {
                try (Arena arena = Arena.ofConfined()) {
                    @Nullable
                    MemorySegment[] pages = {page(arena, k, random), null, page(arena, k, random), page(arena, k, random)};
                    int count = pages.length - 1; // the last one is not asked for
                    int stride = count * KeyValues.PAGE_KEYS + 5;
                    float[] a = gaussians(random, 1 + m * (k + 2));
                    float[] out = new float[3 + m * stride];
                    Arrays.fill(out, UNTOUCHED);
                    backend.multiplyKeyPages(a, 1, k + 2, m, pages, count, k, out, 3, stride);
                    for (int at = 0; at < out.length; at++) {
                        int column = at < 3 ? stride - 1 : (at - 3) % stride;
                        MemorySegment page = pages[Math.min(column / KeyValues.PAGE_KEYS, count)];
                        if (column >= count * KeyValues.PAGE_KEYS || page == null) {
                            assertEquals(UNTOUCHED, out[at]);
                        } else {
                            assertKeyPageProduct(a, 1 + (at - 3) / stride * (k + 2), page, column % KeyValues.PAGE_KEYS, k, out[at]);
                        }
                    }
                }
            }
        }
    }

    private static MemorySegment page(Arena arena, int k, Random random) {
        MemorySegment page = arena.allocate(KeyValues.pageBytes(KvType.F16, k), 64);
        for (long at = 0; at < page.byteSize(); at += Short.BYTES) {
            page.set(KeyValues.HALF, at, Float.floatToFloat16((float) random.nextGaussian()));
        }
        return page;
    }

    private static void assertKeyPageProduct(float[] a, int row, MemorySegment page, int j, int k, float actual) {
        double expected = 0;
        double size = 0;
        for (int c = 0; c < k; c++) {
            short half = page.get(KeyValues.HALF, 2L * (((j / 16) * k + c) * 16 + j % 16));
            double product = (double) a[row + c] * Float.float16ToFloat(half);
            expected += product;
            size += Math.abs(product);
        }
        // k products and k additions, each rounded to 2^-24 of at most the sum of sizes
        assertEquals(expected, actual, 2 * k * 0x1p-24 * size, "row at " + row + ", vector " + j + " of " + k);
    }

    @Test
    void smallDenseProductsAgree() {
        LinearBackend backend = backend(1);
        Random random = new Random(6);
        for (int m : new int[]{1, 2, 3, 5, 64}) {
            for (int n : new int[]{1, 3, 4, 7, 33}) {
                for (int k : new int[]{1, 3, 16, 40, 64, 97, 128}) {
                    float[] a = gaussians(random, 1 + m * (k + 2));
                    float[] b = gaussians(random, 2 + n * (k + 1));
                    float[] out = new float[3 + m * (n + 4)];
                    Arrays.fill(out, UNTOUCHED);
                    backend.multiplyTransposed(a, 1, k + 2, m, b, 2, k + 1, n, k, out, 3, n + 4);
                    for (int at = 0; at < out.length; at++) {
                        int i = (at - 3) / (n + 4);
                        int j = (at - 3) % (n + 4);
                        if (at < 3 || j >= n) {
                            assertEquals(UNTOUCHED, out[at]);
                            continue;
                        }
                        double expected = 0;
                        double size = 0;
                        for (int c = 0; c < k; c++) {
                            double product = (double) a[1 + i * (k + 2) + c] * b[2 + j * (k + 1) + c];
                            expected += product;
                            size += Math.abs(product);
                        }
                        // k products and k additions, each rounded to 2^-24 of at most the sum of sizes
                        assertEquals(expected, out[at], 2 * k * 0x1p-24 * size, m + "x" + n + "x" + k);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void allocatesNothingAfterWarmUp(GgmlType type) {
        LinearBackend backend = supporting(type);
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix weights = RandomWeights.matrix(arena, type, 128, columns(type, 2), 0, 7);
            Linear linear = backend.prepare(weights);
            for (int tokens : new int[]{1, 3, 13}) {
                Activations x = activations(backend, tokens, weights.columns(), 5);
                float[] out = new float[tokens * 128];
                assertTrue(becomesFreeOfAllocation(() -> {
                    x.seal(tokens);
                    linear.multiply(0, x, 0, 128, out, 0, 128);
                }), type + ", " + tokens + " tokens");
            }
        }
    }

    /** Runs the work until twenty runs in a row have not allocated; gives up after 20 seconds, by which time the compiler is long done. */
    private static boolean becomesFreeOfAllocation(Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long end = System.nanoTime() + 20_000_000_000L;
        threads.getCurrentThreadAllocatedBytes();
        int clean = 0;
        while (clean < 20 && System.nanoTime() < end) {
            for (int i = 0; i < 10; i++) {
                work.run();
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            work.run();
            clean = threads.getCurrentThreadAllocatedBytes() == before ? clean + 1 : 0;
        }
        return clean == 20;
    }

    private LinearBackend supporting(GgmlType type) {
        LinearBackend backend = backend(1);
        assumeTrue(backend.unsupported(type).isEmpty(), () -> "not supported: " + backend.unsupported(type));
        return backend;
    }

    /** Returns an awkward number of columns: not a power of two, for types without blocks odd. */
    private static int columns(GgmlType type, int size) {
        return type.blockSize() == 1 ? 301 * size : type.blockSize() == 32 ? 288 * size : 256 * size;
    }

    private static void check(LinearBackend backend, WeightMatrix weights, int tokens, int fromRow, int toRow, int outOffset,
            int outStride) {
        int columns = weights.columns();
        float[] values = dequantize(weights);
        Linear linear = backend.prepare(weights);
        assertEquals(weights.rows(), linear.rows());
        assertEquals(columns, linear.columns());
        Activations x = activations(backend, tokens, columns, tokens);
        float[] out = new float[outOffset + tokens * outStride + 2];
        Arrays.fill(out, UNTOUCHED);
        linear.multiply(0, x, fromRow, toRow, out, outOffset, outStride);
        for (int at = 0; at < out.length; at++) {
            int token = Math.floorDiv(at - outOffset, outStride);
            int row = Math.floorMod(at - outOffset, outStride);
            if (token < 0 || token >= tokens || row < fromRow || row >= toRow) {
                assertEquals(UNTOUCHED, out[at], "outside of the outputs");
                continue;
            }
            double expected = 0;
            double sizes = 0;
            for (int c = 0; c < columns; c++) {
                expected += (double) values[row * columns + c] * x.values()[token * columns + c];
                sizes += Math.abs(x.values()[token * columns + c]);
            }
            double rounding = 8 * 4 * Math.sqrt(2.0 * columns) * 0x1p-24 * largest(values, row * columns, columns);
            int where = row;
            int which = token;
            assertEquals(expected, out[at], rounding * sizes / Math.sqrt(columns),
                    () -> weights.name() + ", row " + where + ", token " + which + " of " + tokens);
        }
    }

    private static Activations activations(LinearBackend backend, int tokens, int columns, long seed) {
        Activations x = backend.newActivations(tokens, columns);
        float[] values = gaussians(new Random(seed), tokens * columns);
        System.arraycopy(values, 0, x.values(), 0, values.length);
        x.seal(tokens);
        return x;
    }

    private static float[] gaussians(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] dequantize(WeightMatrix weights) {
        float[] values = new float[weights.rows() * weights.columns()];
        weights.type().dequantize(weights.data(), 0, values.length, values, 0);
        return values;
    }

    private static float largest(float[] values, int from, int count) {
        float largest = 0;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        return largest;
    }
}
