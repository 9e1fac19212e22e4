package dev.winnow.core.cache;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/** Keys and values of 64 positions of one layer and KV head, shared by the sessions that hold it. */
final class KvPage {

    private final PagePool pool;
    private final MemorySegment memory;
    private final MemorySegment keys;
    private final MemorySegment values;
    private final AtomicInteger holders = new AtomicInteger(1);

    KvPage(PagePool pool, long keyBytes, long valueBytes) {
        this.pool = pool;
        this.memory = pool.take();
        this.keys = memory.asSlice(0, keyBytes);
        this.values = memory.asSlice(keyBytes, valueBytes);
    }

    MemorySegment keys() {
        return keys;
    }

    MemorySegment values() {
        return values;
    }

    boolean isShared() {
        return holders.get() > 1;
    }

    void retain() {
        holders.incrementAndGet();
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            pool.give(memory);
        }
    }
}
