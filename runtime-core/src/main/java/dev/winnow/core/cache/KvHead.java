package dev.winnow.core.cache;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The keys and values of one layer and KV head in one session. */
final class KvHead implements KeyValues {

    private final KvType type;
    private final int keyDim;
    private final int valueDim;
    private final PagePool pool;
    private final List<KvPage> pages = new ArrayList<>(); // pages firstPage, firstPage + 1, …
    private int firstPage;
    private int keyCount;

    KvHead(KvType type, int keyDim, int valueDim, PagePool pool) {
        this.type = type;
        this.keyDim = keyDim;
        this.valueDim = valueDim;
        this.pool = pool;
    }

    KvHead fork() {
        KvHead copy = new KvHead(type, keyDim, valueDim, pool);
        copy.firstPage = firstPage;
        copy.keyCount = keyCount;
        for (KvPage page : pages) {
            page.retain();
            copy.pages.add(page);
        }
        return copy;
    }

    @Override
    public KvType type() {
        return type;
    }

    @Override
    public int keyDim() {
        return keyDim;
    }

    @Override
    public int valueDim() {
        return valueDim;
    }

    @Override
    public int keyCount() {
        return keyCount;
    }

    @Override
    public int firstPage() {
        return firstPage;
    }

    @Override
    public MemorySegment keys(int page) {
        return pages.get(page - firstPage).keys();
    }

    @Override
    public MemorySegment values(int page) {
        return pages.get(page - firstPage).values();
    }

    @Override
    public void copyKey(int position, float[] target, int offset) {
        PageCodec.readKey(type, keys(position / PAGE_KEYS), position % PAGE_KEYS, keyDim, target, offset);
    }

    @Override
    public void copyValue(int position, float[] target, int offset) {
        PageCodec.readValue(type, values(position / PAGE_KEYS), position % PAGE_KEYS, valueDim, target, offset);
    }

    /** Makes room for positions up to {@code length} and declares them present; a last page that is shared becomes this session's own. */
    void grow(int length) {
        if (keyCount % PAGE_KEYS != 0 && length > keyCount) {
            ownLastPage();
        }
        while ((firstPage + pages.size()) * PAGE_KEYS < length) {
            pages.add(newPage());
        }
        keyCount = length;
    }

    private void ownLastPage() {
        KvPage last = pages.getLast();
        if (last.isShared()) {
            KvPage own = newPage();
            own.keys().copyFrom(last.keys());
            own.values().copyFrom(last.values());
            pages.set(pages.size() - 1, own);
            last.release();
        }
    }

    private KvPage newPage() {
        return new KvPage(pool, KeyValues.pageBytes(type, keyDim), KeyValues.pageBytes(type, valueDim));
    }

    void write(int position, float[] key, int keyOffset, float[] value, int valueOffset) {
        KvPage page = pages.get(position / PAGE_KEYS - firstPage);
        PageCodec.writeKey(type, page.keys(), position % PAGE_KEYS, keyDim, key, keyOffset);
        PageCodec.writeValue(type, page.values(), position % PAGE_KEYS, valueDim, value, valueOffset);
    }

    void truncate(int length) {
        while (!pages.isEmpty() && (firstPage + pages.size() - 1) * PAGE_KEYS >= length) {
            pages.removeLast().release();
        }
        if (pages.isEmpty()) {
            firstPage = length / PAGE_KEYS;
        }
        int written = Math.min(keyCount, (firstPage + pages.size()) * PAGE_KEYS);
        keyCount = length;
        if (written > length) {
            erase(length, written);
        }
    }

    /** Zeroes positions of the last page: kernels multiply the values of masked keys by 0, and what a failed computation has written may be NaN. */
    private void erase(int from, int to) {
        ownLastPage();
        float[] zeros = new float[Math.max(keyDim, valueDim)];
        for (int position = from; position < to; position++) {
            write(position, zeros, 0, zeros, 0);
        }
    }

    /** Releases the pages that hold only positions below {@code position}. */
    void releaseBelow(int position) {
        while (!pages.isEmpty() && (firstPage + 1) * PAGE_KEYS <= position) {
            pages.removeFirst().release();
            firstPage++;
        }
    }

    void clear() {
        pages.forEach(KvPage::release);
        pages.clear();
        firstPage = 0;
        keyCount = 0;
    }
}
