package dev.winnow.cpu;

import dev.winnow.cpu.kernel.VectorSupport;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brings scattered groups of keys into the cache before the kernels work on them. The prefetchers need a few lines of a group before they follow it, and a
 * kernel spends dozens of instructions on a line, so that only the few lines within the processor's window of instructions would be on their way at a time. A
 * loop that only loads one word of each line has more of them under way. What lies in the order of memory is read faster without.
 */
final class PageTouch {

    private static final int LINE = 64;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;

    /** Depends on all that was read, so that the reads are not optimised away. */
    @SuppressWarnings("UnusedVariable")
    private int mix;

    /** Touches a group of keys. */
    void touchKeys(KvType type, MemorySegment page, int dim, int group) {
        touch(page, elementBytes(type) * group * GROUP * dim, elementBytes(type) * GROUP * dim);
    }

    /** Touches the live values. */
    void touchValues(KvType type, MemorySegment page, int dim, long live) {
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
