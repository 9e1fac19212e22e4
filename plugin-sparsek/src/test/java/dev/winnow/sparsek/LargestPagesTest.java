package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.MaskBase;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Against sorting. */
class LargestPagesTest {

    private static final int PAGE = 4;
    private static final int OFFSET = 3;

    @Test
    void takesTheFewestPages() {
        Random random = new Random(3);
        LargestPages largest = new LargestPages();
        for (int round = 0; round < 300; round++) {
            int count = 1 + random.nextInt(200);
            float[] mass = new float[OFFSET + count];
            for (int page = 0; page < count; page++) {
                int kind = random.nextInt(4);
                float value = kind == 0 ? 0.5f : kind == 1 ? random.nextFloat() : (float) Math.exp(-20 * random.nextDouble());
                mass[OFFSET + page] = Math.max(value, Float.MIN_VALUE);
            }
            double total = IntStream.range(0, count).mapToDouble(page -> mass[OFFSET + page]).sum();
            double wanted = total * (round % 7 == 0 ? 0 : random.nextDouble());
            int limit = round % 3 == 0 ? 1 + random.nextInt(count) : count;
            KeepWords keep = new KeepWords();
            int blocks = (count * PAGE + 63) / 64;
            keep.reset(new FixedKeys(0, 0, 0), blocks);
            largest.add(keep, mass, OFFSET, IntStream.range(0, count).toArray(), count, wanted, limit, PAGE);
            assertEquals(expected(mass, count, wanted, limit), kept(keep, blocks, count));
        }
    }

    private static BitSet expected(float[] mass, int count, double wanted, int limit) {
        List<Integer> order = IntStream.range(0, count).boxed()
                .sorted(Comparator.<Integer>comparingDouble(page -> -mass[OFFSET + page]).thenComparing(page -> page)).toList();
        BitSet taken = new BitSet();
        double sum = 0;
        for (int i = 0; i < limit && i < count && sum < wanted * (1 - 1e-12); i++) { // sums of doubles in another order
            taken.set(order.get(i));
            sum += mass[OFFSET + order.get(i)];
        }
        return taken;
    }

    private static BitSet kept(KeepWords keep, int blocks, int count) {
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.BIDIRECTIONAL, 1, 0, 1, 0, blocks * 64);
        keep.apply(mask, 0);
        BitSet pages = new BitSet();
        for (int page = 0; page < count; page++) {
            pages.set(page, mask.keeps(0, 0, page * PAGE));
        }
        return pages;
    }
}
