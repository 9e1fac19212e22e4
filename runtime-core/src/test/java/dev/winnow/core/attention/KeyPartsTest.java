package dev.winnow.core.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.Cancellation;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.MaskBase;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyPartsTest {

    private static final int HEADS = 3;

    private final WorkerPool pool = new WorkerPool(2);
    private final KeyParts parts = new KeyParts(pool, 4);
    private final AttentionMask mask = new AttentionMask();

    @AfterEach
    void close() {
        pool.close();
    }

    private void reset(int keys) {
        mask.reset(MaskBase.CAUSAL, HEADS, keys - 1, 1, 0, keys);
        parts.begin(4, mask.blockCount());
    }

    /** A part of 1024 keys is wanted; what is left over makes its neighbours a little larger, or is one more from half a part on. */
    @ParameterizedTest
    @CsvSource({"1, 1", "1024, 1", "1520, 1", "1536, 2", "2048, 2", "8064, 8", "8129, 8", "131072, 128"})
    void allKeysAreCutIntoEqualParts(int keys, int count) {
        reset(keys);
        parts.cut(2, mask);
        assertEquals(count, parts.count(2));
        assertTrue(count <= parts.limit());
        assertEquals(0, parts.bound(2, 0));
        assertEquals(mask.blockCount(), parts.bound(2, count));
        for (int part = 0; part < count; part++) {
            assertEquals((double) mask.blockCount() / count, parts.bound(2, part + 1) - parts.bound(2, part), 1, "blocks are not cut");
        }
    }

    /** A group counts if a row of any head keeps a key of it, and then wholly, because backends read groups. */
    @Test
    void partsHaveAboutAsManyKeptGroups() {
        reset(20_000);
        Random random = new Random(3);
        int kept = 0;
        for (int block = 0; block < mask.blockCount() - 1; block++) {
            int groups = 0;
            for (int head = 0; head < HEADS; head++) {
                int group = random.nextInt(block < 100 ? 4 : 40); // dense at first, thin later
                mask.retainColumns(head, block, group < 4 ? 5L << (16 * group) : 0);
                groups |= group < 4 ? 1 << group : 0;
            }
            kept += Integer.bitCount(groups);
        }
        mask.seal();
        parts.cut(0, mask);
        int count = parts.count(0);
        assertEquals(Math.round((kept + 2) / 64.0), count, "of " + kept + " groups, and the last block's");
        for (int part = 0; part < count; part++) {
            int inPart = 0;
            for (int block = parts.bound(0, part); block < parts.bound(0, part + 1); block++) {
                inPart += keptGroups(block);
            }
            assertEquals((double) kept / count, inPart, 4 + 4, "a block has up to 4 groups, at each end");
        }
    }

    private int keptGroups(int block) {
        int count = 0;
        for (int key = block * 64; key < Math.min((block + 1) * 64, mask.keyCount()); key += 16) {
            boolean kept = false;
            for (int head = 0; head < HEADS; head++) {
                for (int i = key; i < Math.min(key + 16, mask.keyCount()); i++) {
                    kept |= mask.keeps(head, 0, i);
                }
            }
            count += kept ? 1 : 0;
        }
        return count;
    }

    @Test
    void workersWaitForTheMaskOfTheirHead() {
        reset(3000);
        AtomicInteger seen = new AtomicInteger();
        pool.acquire(Cancellation.never());
        try {
            pool.run(2, (part, worker) -> {
                if (part == 0) {
                    parts.cut(0, mask);
                } else {
                    seen.set(parts.await(0));
                }
            });
        } finally {
            pool.release();
        }
        assertEquals(3, seen.get());
    }

    @Test
    void nobodyWaitsForAMaskThatFailed() {
        reset(3000);
        AtomicInteger seen = new AtomicInteger(-1);
        pool.acquire(Cancellation.never());
        try {
            assertEquals("no mask", assertThrows(IllegalStateException.class, () -> pool.run(2, (part, worker) -> {
                if (part == 0) {
                    throw new IllegalStateException("no mask");
                }
                seen.set(parts.await(0));
            })).getMessage());
        } finally {
            pool.release();
        }
        assertTrue(seen.get() <= 0, "the other part has not run, or has given up");
        assertEquals(0, parts.count(0));
    }
}
