package dev.winnow.core.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Off-heap memory for pages of one size, in slabs that the garbage collector frees when no page of them is reachable any more. A page comes zeroed, because
 * kernels multiply the values of masked keys by 0, which must not meet a NaN of a former life. The lowest free address comes first, so that pages that a head
 * takes one after the other are neighbours where possible: attention reads them in that order, and runs of 8 pages take three quarters of the time of scattered ones.
 * Thread-safe.
 */
final class PagePool {

    private static final long CACHE_LINE = 64;

    private static final long SMALL_SLAB_BYTES = 1 << 20;

    /** Small slabs that come first: many sessions need no more, and asking for large pages takes Java a while the first time. */
    private static final int SMALL_SLABS = 4;

    /** A few large pages: the memory that lies before the first of them is lost. */
    private static final long SLAB_BYTES = 4 * HugePages.BYTES;

    private final long pageBytes;
    private final PriorityQueue<MemorySegment> free = new PriorityQueue<>(Comparator.comparingLong(MemorySegment::address));
    private int slabs;

    PagePool(long pageBytes) {
        this.pageBytes = (pageBytes + CACHE_LINE - 1) & -CACHE_LINE; // whole cache lines, so that pages never share one
    }

    synchronized MemorySegment take() {
        if (free.isEmpty()) {
            addSlab();
        }
        return free.poll().fill((byte) 0);
    }

    private void addSlab() {
        MemorySegment slab;
        if (slabs++ < SMALL_SLABS || pageBytes > SLAB_BYTES) {
            slab = Arena.ofAuto().allocate(Math.max(SMALL_SLAB_BYTES, pageBytes), CACHE_LINE);
        } else {
            slab = Arena.ofAuto().allocate(SLAB_BYTES, HugePages.BYTES);
            HugePages.use(slab);
        }
        for (long page = 0; page + pageBytes <= slab.byteSize(); page += pageBytes) {
            free.add(slab.asSlice(page, pageBytes));
        }
    }

    synchronized void give(MemorySegment page) {
        free.add(page);
    }
}
