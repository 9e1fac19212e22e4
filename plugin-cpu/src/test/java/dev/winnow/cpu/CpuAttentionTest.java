package dev.winnow.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import dev.winnow.spi.contract.MaskPattern;
import dev.winnow.spi.contract.NaiveAttention;
import dev.winnow.spi.contract.SimpleAttentionTile;
import java.lang.management.ManagementFactory;
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
            SimpleAttentionTile tile = shape.tile(3, 60); // scores up to about ±100: few keys hold nearly all weight
            AttentionMask mask = shape.mask(MaskBase.CAUSAL, tile);
            mask.seal();
            double[][] expected = NaiveAttention.attend(tile, mask);
            for (double skipped : new double[]{1e-6, 1e-3, 0.1}) {
                AttentionAccumulator result = new AttentionAccumulator();
                result.reset(3 * queries, 64);
                new CpuAttention(1, skipped).attend(tile, mask, 0, mask.blockCount(), result);
                float[] output = new float[64];
                for (int row = 0; row < 3 * queries; row++) {
                    result.finish(row, Float.NEGATIVE_INFINITY, output, 0);
                    for (int c = 0; c < 64; c++) {
                        // 2e-4: the rounding of scores of this size
                        assertEquals(expected[row][c], output[c], 2 * skipped + 2e-4);
                    }
                }
            }
        }
    }

    @Test
    void skippedWeightPropertyIsChecked() {
        String before = System.getProperty(CpuAttentionBackendProvider.SKIPPED_WEIGHT_PROPERTY);
        try {
            for (String value : new String[]{"-0.1", "0.6", "NaN", "much"}) {
                System.setProperty(CpuAttentionBackendProvider.SKIPPED_WEIGHT_PROPERTY, value);
                assertTrue(new CpuAttentionBackendProvider().availability() instanceof Availability.Unavailable, value);
            }
        } finally {
            if (before == null) {
                System.clearProperty(CpuAttentionBackendProvider.SKIPPED_WEIGHT_PROPERTY);
            } else {
                System.setProperty(CpuAttentionBackendProvider.SKIPPED_WEIGHT_PROPERTY, before);
            }
        }
    }
}
