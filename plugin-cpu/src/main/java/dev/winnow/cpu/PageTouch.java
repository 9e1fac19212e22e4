package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brings pages into the cache before a kernel works on them. A kernel spends dozens of instructions on a cache line, so that the few lines within the
 * processor's window of instructions in flight are all that it waits for at a time, about a fifth of what memory can deliver where nothing is prefetched by
 * the hardware. A loop that only loads one word of each line has a hundred of them under way.
 */
final class PageTouch {

    private static final int LINE = 64;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final long GROUP_BITS = (1L << GROUP) - 1;
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;

    /** Depends on all that was read, so that the reads are not optimised away. */
    @SuppressWarnings("UnusedVariable")
    private int mix;

    /** Touches the groups of keys that have a live key. */
    void touchKeys(KvType type, MemorySegment page, int dim, long live) {
        if (live == -1L) {
            touch(page, 0, KeyValues.pageBytes(type, dim));
            return;
        }
        for (int group = 0; group < KeyValues.PAGE_KEYS / GROUP; group++) {
            if ((live >>> (group * GROUP) & GROUP_BITS) != 0) {
                touch(page, elementBytes(type) * group * GROUP * dim, elementBytes(type) * GROUP * dim);
            }
        }
    }

    /** Touches the live values. */
    void touchValues(KvType type, MemorySegment page, int dim, long live) {
        if (live == -1L) {
            touch(page, 0, KeyValues.pageBytes(type, dim));
            return;
        }
        int end;
        for (int key = LiveKeys.next(live, 0); key < KeyValues.PAGE_KEYS; key = LiveKeys.next(live, end)) {
            end = LiveKeys.endOfRun(live, key);
            touch(page, elementBytes(type) * key * dim, elementBytes(type) * (end - key) * dim);
        }
    }

    private static long elementBytes(KvType type) {
        return switch (type) {
            case F32 -> Float.BYTES;
            case F16 -> Short.BYTES;
            case Q8_0 -> Byte.BYTES;
        };
    }

    private void touch(MemorySegment page, long offset, long bytes) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + offset;
        int last = (int) bytes - Integer.BYTES;
        int sum = 0;
        for (int i = 0; i <= last; i += LINE) {
            sum ^= view.get(WORD, base + i);
        }
        mix ^= sum;
    }
}
