package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.contract.InMemoryKeyValues;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pieces that selections are made of. */
class PrimitivesTest {

    @Test
    void topKFindsWhatSortingFinds() {
        Random random = new Random(2);
        TopK topK = new TopK();
        for (int round = 0; round < 2000; round++) {
            int n = 1 + random.nextInt(200);
            int k = 1 + random.nextInt(n);
            int[] orders = new int[n];
            for (int i = 0; i < n; i++) {
                orders[i] = round % 2 == 0 ? random.nextInt() : TopK.order(random.nextInt(9) - 4);
            }
            int[] sorted = orders.clone();
            Arrays.sort(sorted);
            topK.find(orders, n, k);
            int threshold = sorted[n - k];
            long above = Arrays.stream(orders).filter(order -> order > threshold).count();
            assertEquals(threshold, topK.threshold());
            assertEquals(k - above, topK.ties());
        }
    }

    @Test
    void ordersAreThoseOfTheNumbers() {
        float[] ascending = {Float.NEGATIVE_INFINITY, -Float.MAX_VALUE, -1.5f, -1, -Float.MIN_VALUE, 0, Float.MIN_VALUE, 1, 1.5f,
                Float.MAX_VALUE, Float.POSITIVE_INFINITY, Float.NaN};
        for (int i = 1; i < ascending.length; i++) {
            assertTrue(TopK.order(ascending[i - 1]) < TopK.order(ascending[i]), ascending[i - 1] + " < " + ascending[i]);
        }
        assertEquals(TopK.order(0f), TopK.order(-0f));
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void pagesAreReadInEveryFormatAndGrouping(KvType type) {
        int dim = 45; // two groups of Q8_0 scales, the second one short
        InMemoryKeyValues keyValues = TestTiles.clusteredKeys(new Random(4), type, dim, 128);
        KeyPageReader reader = new KeyPageReader();
        float[] expected = new float[64 * dim];
        for (int key = 0; key < 64; key++) {
            keyValues.copyKey(64 + key, expected, key * dim);
        }
        float[] rows = new float[64 * dim];
        reader.readRows(keyValues, 1, rows);
        assertArrayEquals(expected, rows);
        float[] split = new float[64 * dim];
        for (int size = 1; size <= 64; size *= 2) {
            reader.split(keyValues, 1, size, split);
            int lanes = Math.min(size, KeyValues.GROUP_KEYS);
            for (int key = 0; key < 64; key++) {
                for (int c = 0; c < dim; c++) {
                    assertEquals(expected[key * dim + c], split[key / lanes * lanes * dim + c * lanes + key % lanes]);
                }
            }
        }
    }

    @Test
    void aSizeThatDividesThePageKeepsItsBits() {
        KeepWords keep = new KeepWords();
        keep.reset(new FixedKeys(0, 0, 70), 3);
        keep.addPage(9, 16);
        keep.addPage(130, 1);
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CROSS, 1, 0, 1, 0, 190);
        keep.apply(mask, 0);
        assertEquals(-1L, mask.word(0, 0, 0));
        assertEquals(0x3fL, mask.word(0, 0, 1));
        assertEquals(0xffff0004L, mask.word(0, 0, 2));
    }
}
