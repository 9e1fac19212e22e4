package dev.winnow.core.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.contract.TestLayers;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pages behind a sliding window are released and used again; what is within it, other layers and forks keep theirs. */
class KvCacheTest {

    private static final int DIM = 8;
    private static final int WINDOW = 100;
    private static final int[] WINDOWS = {WINDOW, 0};
    private static final List<LayerSpec> LAYERS = List.of(TestLayers.layer(0, 2, 2, DIM, WINDOW), TestLayers.layer(1, 2, 2, DIM, 0));

    private final KvCache cache = new KvCache(LAYERS, KvType.F32);

    private void append(KvCache target, int count) {
        int from = target.length();
        target.grow(count);
        for (int position = from; position < target.length(); position++) {
            for (int layer = 0; layer < 2; layer++) {
                for (int head = 0; head < 2; head++) {
                    target.write(layer, head, position, key(position, layer, head), 0, key(-position, layer, head), 0);
                }
            }
        }
    }

    private static float[] key(int position, int layer, int head) {
        float[] key = new float[DIM];
        for (int c = 0; c < DIM; c++) {
            key[c] = 16 * position + 4 * layer + 2 * head + c / 8f;
        }
        return key;
    }

    private static void release(KvCache target) {
        target.releaseBelow(0, target.length() - WINDOW + 1);
    }

    private static void assertHolds(KvCache target, int layer, int from) {
        float[] actual = new float[DIM];
        for (int head = 0; head < 2; head++) {
            for (int position = from; position < target.length(); position++) {
                target.keyValues(layer, head).copyKey(position, actual, 0);
                assertArrayEquals(key(position, layer, head), actual);
                target.keyValues(layer, head).copyValue(position, actual, 0);
                assertArrayEquals(key(-position, layer, head), actual);
            }
        }
    }

    private static Set<Long> pages(KvCache target, int layer, int from, int to) {
        Set<Long> addresses = new HashSet<>();
        for (int head = 0; head < 2; head++) {
            for (int page = from; page < to; page++) {
                addresses.add(target.keyValues(layer, head).keys(page).address());
            }
        }
        return addresses;
    }

    @Test
    void releasesWhatNoQueryWillSeeAgain() {
        append(cache, 500);
        Set<Long> old = pages(cache, 0, 0, 6);
        release(cache);
        KeyValues windowed = cache.keyValues(0, 1);
        assertEquals((500 - WINDOW + 1) / KeyValues.PAGE_KEYS, windowed.firstPage());
        assertEquals(500, windowed.keyCount());
        assertEquals(0, cache.keyValues(1, 1).firstPage(), "a layer without a window sees everything");
        assertHolds(cache, 0, 6 * KeyValues.PAGE_KEYS);
        assertHolds(cache, 1, 0);

        append(cache, 64);
        Set<Long> used = pages(cache, 0, 8, 9);
        used.addAll(pages(cache, 1, 8, 9));
        assertTrue(old.containsAll(used), "new pages are the released ones");
        assertHolds(cache, 0, 6 * KeyValues.PAGE_KEYS);
    }

    @Test
    void memoryOfALayerWithAWindowDoesNotGrow() {
        append(cache, 1000);
        release(cache);
        for (int i = 0; i < 200; i++) {
            append(cache, 7);
            release(cache);
            KeyValues windowed = cache.keyValues(0, 0);
            int held = Math.ceilDiv(windowed.keyCount(), KeyValues.PAGE_KEYS) - windowed.firstPage();
            assertTrue(held <= Math.ceilDiv(WINDOW, KeyValues.PAGE_KEYS) + 1, held + " pages for a window of " + WINDOW);
        }
        assertHolds(cache, 0, cache.length() - WINDOW + 1);
        assertEquals(0, cache.keyValues(1, 0).firstPage());
    }

    @Test
    void canOnlyBeCutToWhereTheWindowIsStillHeld() {
        append(cache, 500);
        assertTrue(cache.canTruncate(10, WINDOWS));
        release(cache);
        int firstHeld = 6 * KeyValues.PAGE_KEYS;
        assertTrue(cache.canTruncate(firstHeld + WINDOW - 1, WINDOWS));
        assertFalse(cache.canTruncate(firstHeld + WINDOW - 2, WINDOWS));
        assertTrue(cache.canTruncate(0, WINDOWS));
        cache.truncate(0);
        append(cache, 70);
        assertHolds(cache, 0, 0);
    }

    @Test
    void aForkKeepsWhatTheOtherOneReleases() {
        append(cache, 400);
        KvCache fork = cache.fork();
        append(cache, 200);
        release(cache);
        append(cache, 300); // into the pages that are free, if there are any
        assertEquals(0, fork.keyValues(0, 0).firstPage());
        assertHolds(fork, 0, 0);
        assertHolds(fork, 1, 0);
    }

    /** A computation that fails may leave NaN in a page that stays, and kernels multiply what is beyond the last key by 0. */
    @ParameterizedTest
    @EnumSource(KvType.class)
    void whatIsCutOffAPageIsZero(KvType type) {
        KvCache cut = new KvCache(LAYERS, type);
        cut.grow(100);
        float[] broken = new float[DIM];
        Arrays.fill(broken, Float.NaN);
        float[] sound = new float[DIM];
        Arrays.fill(sound, 127);
        for (int position = 0; position < 100; position++) {
            float[] vector = position < 70 ? sound : broken;
            cut.write(1, 0, position, vector, 0, vector, 0);
        }
        KvCache fork = cut.fork();
        cut.truncate(70);
        float[] actual = new float[DIM];
        for (int position = 64; position < 100; position++) {
            cut.keyValues(1, 0).copyKey(position, actual, 0);
            assertArrayEquals(position < 70 ? sound : new float[DIM], actual);
            cut.keyValues(1, 0).copyValue(position, actual, 0);
            assertArrayEquals(position < 70 ? sound : new float[DIM], actual);
        }
        assertNotEquals(fork.keyValues(1, 0).keys(1).address(), cut.keyValues(1, 0).keys(1).address(), "the fork keeps what it has");
    }

    /** Attention reads the pages of a head one after the other, which is faster if they are neighbours, also in a cache that was used before. */
    @Test
    void pagesThatAreTakenTogetherAreNeighbours() {
        append(cache, 300);
        cache.clear();
        append(cache, 300);
        for (int layer = 0; layer < 2; layer++) {
            KeyValues keyValues = cache.keyValues(layer, 1);
            long pageBytes = keyValues.keys(0).byteSize() + keyValues.values(0).byteSize();
            for (int page = 1; page < 4; page++) {
                assertEquals(keyValues.keys(page - 1).address() + pageBytes, keyValues.keys(page).address());
            }
        }
    }
}
