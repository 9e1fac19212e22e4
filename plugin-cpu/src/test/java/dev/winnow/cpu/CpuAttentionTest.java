package dev.winnow.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.winnow.cpu.kernel.VectorAvailability;
import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.Availability;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.KvType;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.contract.AttentionBackendContract;
import dev.winnow.spi.contract.AttentionCase;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.MaskPattern;
import dev.winnow.spi.contract.NaiveAttention;
import dev.winnow.spi.contract.SimpleAttentionTile;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CpuAttentionTest extends AttentionBackendContract {

    @Override
    protected AttentionBackend create(BackendContext context) {
        assumeAvailable();
        return new CpuAttentionBackendProvider().create(context);
    }

    static void assumeAvailable() {
        assumeTrue(VectorAvailability.probe() instanceof Availability.Available, () -> VectorAvailability.probe().toString());
    }

    /** Compiled code does not allocate. How long the compiler takes is not known, so the test waits for a stretch of calls without allocations. */
    @ParameterizedTest
    @EnumSource
    void allocatesNothingAfterWarmUp(KvType type) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        AttentionBackend backend = create(new BackendContext(1));
        for (int queries : new int[]{1, 40}) {
            AttentionCase shape = AttentionCase.of(type, 64, 3, queries, 640).withSoftcap(50);
            SimpleAttentionTile tile = shape.tile(1, 1);
            AttentionMask mask = shape.mask(MaskBase.CAUSAL, tile);
            MaskPattern.BY_HEAD.thin(mask, new Random(1));
            mask.seal();
            AttentionAccumulator result = new AttentionAccumulator();
            long deadline = System.nanoTime() + 120_000_000_000L;
            long allocated = Long.MAX_VALUE;
            while (allocated > 0 && System.nanoTime() < deadline) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int call = 0; call < 200; call++) {
                    result.reset(3 * queries, 64);
                    backend.attend(tile, mask, 0, mask.blockCount(), result);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertEquals(0, allocated, "bytes in 200 calls, " + queries + " queries");
        }
    }

    /** What is left out holds less than the stated part of a row's weight, so an output moves by less than twice that part of the largest value. */
    @Test
    void skippedWeightIsBounded() {
        for (int queries : new int[]{1, 40}) {
            AttentionCase shape = AttentionCase.of(KvType.F16, 64, 3, queries, 3000);
            SimpleAttentionTile tile = shape.tile(3, 200); // scores up to about ±300: few keys hold nearly all weight
            AttentionMask mask = shape.mask(MaskBase.CAUSAL, tile);
            mask.seal();
            double[][] expected = NaiveAttention.attend(tile, mask);
            float[] complete = attend(tile, mask, 0).values();
            for (double skipped : new double[]{1e-6, 1e-3, 0.1}) {
                AttentionAccumulator result = attend(tile, mask, skipped);
                float[] output = new float[64];
                for (int row = 0; row < 3 * queries; row++) {
                    result.finish(row, Float.NEGATIVE_INFINITY, output, 0);
                    for (int c = 0; c < 64; c++) {
                        // 6e-4: two scores of this size, each rounded by 1e-6 of itself
                        assertEquals(expected[row][c], output[c], 2 * skipped + 6e-4);
                    }
                }
            }
            assertFalse(Arrays.equals(complete, attend(tile, mask, 0.1).values()), () -> "nothing was left out: " + shape);
        }
    }

    /** A block of a NaN alone has no score that comes near the largest, and is not to be left out for that. */
    @Test
    void nanIsNotSkipped() {
        for (int queries : new int[]{1, 40}) {
            AttentionCase shape = AttentionCase.of(KvType.F32, 64, 3, queries, 641);
            SimpleAttentionTile tile = shape.tile(3, 4);
            float[] key = new float[64];
            key[5] = Float.NaN;
            InMemoryKeyValues keyValues = (InMemoryKeyValues) tile.keyValues();
            keyValues.truncate(640);
            keyValues.append(key, 0, new float[64], 0);
            AttentionMask mask = shape.mask(MaskBase.CAUSAL, tile);
            mask.seal();
            AttentionAccumulator result = attend(tile, mask, 0.1);
            float[] output = new float[64];
            result.finish(queries - 1, Float.NEGATIVE_INFINITY, output, 0);
            assertTrue(Float.isNaN(output[0]), queries + " queries: " + output[0]);
        }
    }

    private static AttentionAccumulator attend(SimpleAttentionTile tile, AttentionMask mask, double skippedWeight) {
        AttentionAccumulator result = new AttentionAccumulator();
        result.reset(tile.headCount() * tile.positionCount(), tile.keyValues().valueDim());
        new CpuAttention(1, skippedWeight).attend(tile, mask, 0, mask.blockCount(), result);
        return result;
    }
}
