package dev.winnow.sparsek;

import java.util.Arrays;

/**
 * Takes pages in the order of their mass until a part of it is reached, without sorting them all: masses are summed up by the leading bits of their F32
 * representation, whose order is that of the numbers; whole buckets are taken from the top, and only the bucket in which the sum is reached is put in order. One
 * per worker.
 */
final class LargestPages {

    private static final int SHIFT = 20; // 8 bits of exponent, 3 of mantissa: neighbouring buckets differ by an eighth or less
    private static final int BUCKETS = 1 << (31 - SHIFT);

    private final double[] sums = new double[BUCKETS];
    private int highest;

    /**
     * Adds the fewest pages with a mass of {@code wanted} to a list; equal masses by position.
     *
     * @param mass    masses above 0, of page p at {@code offset + p}
     * @param pages   numbers of pages to choose from, in ascending order; overwritten
     * @param count   number of pages to choose from
     * @param limit   largest number of pages to take
     * @param size    keys in a page
     */
    void add(KeepWords keep, float[] mass, int offset, int[] pages, int count, double wanted, int limit, int size) {
        if (wanted <= 0 || limit <= 0 || count == 0) {
            return;
        }
        if (limit < count) {
            takeOrdered(keep, mass, offset, pages, count, wanted, limit, size);
            return;
        }
        fill(mass, offset, pages, count);
        double missing = wanted;
        int bucket = highest;
        while (bucket >= 0 && missing - sums[bucket] > 0) {
            missing -= sums[bucket--];
        }
        int left = 0;
        for (int i = 0; i < count; i++) {
            int page = pages[i];
            int own = Float.floatToRawIntBits(mass[offset + page]) >>> SHIFT;
            if (own > bucket) {
                keep.addPage(page, size);
            } else if (own == bucket) {
                pages[left++] = page;
            }
        }
        takeOrdered(keep, mass, offset, pages, left, missing, left, size);
    }

    private void fill(float[] mass, int offset, int[] pages, int count) {
        Arrays.fill(sums, 0, highest + 1, 0);
        highest = 0;
        for (int i = 0; i < count; i++) {
            float m = mass[offset + pages[i]];
            int bucket = Float.floatToRawIntBits(m) >>> SHIFT;
            sums[bucket] += m;
            highest = Math.max(highest, bucket);
        }
    }

    /** Takes pages one by one from a heap. */
    private static void takeOrdered(KeepWords keep, float[] mass, int offset, int[] heap, int count, double wanted, int limit, int size) {
        for (int root = count / 2 - 1; root >= 0; root--) {
            sift(mass, offset, heap, root, count);
        }
        double missing = wanted;
        int left = count;
        for (int added = 0; added < limit && missing > 0; added++) {
            int best = heap[0];
            keep.addPage(best, size);
            missing -= mass[offset + best];
            heap[0] = heap[--left];
            sift(mass, offset, heap, 0, left);
        }
    }

    private static void sift(float[] mass, int offset, int[] heap, int root, int size) {
        int page = heap[root];
        int at = root;
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && comesFirst(mass, offset, heap[child + 1], heap[child])) {
                child++;
            }
            if (!comesFirst(mass, offset, heap[child], page)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        if (at < size) {
            heap[at] = page;
        }
    }

    /** Larger mass first; equal ones by position, so that every run gives the same list. */
    private static boolean comesFirst(float[] mass, int offset, int page, int other) {
        float difference = mass[offset + page] - mass[offset + other];
        return difference > 0 || (difference == 0 && page < other);
    }
}
