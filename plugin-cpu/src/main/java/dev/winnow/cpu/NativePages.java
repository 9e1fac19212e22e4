package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Gives the kernels, which read by address, pages outside the Java heap: the runtime's pages are; a page that is a Java array is copied. For one worker. */
final class NativePages {

    private MemorySegment keyCopy = MemorySegment.NULL;
    private MemorySegment valueCopy = MemorySegment.NULL;

    /** Returns the key part of a page; valid until the next call. */
    MemorySegment keys(KeyValues keyValues, int page) {
        MemorySegment keys = checked(keyValues.keys(page), KeyValues.pageBytes(keyValues.type(), keyValues.keyDim()));
        if (keys.isNative()) {
            return keys;
        }
        keyCopy = copied(keys, keyCopy);
        return keyCopy;
    }

    /** Returns the value part of a page; valid until the next call. */
    MemorySegment values(KeyValues keyValues, int page) {
        MemorySegment values = checked(keyValues.values(page), KeyValues.pageBytes(keyValues.type(), keyValues.valueDim()));
        if (values.isNative()) {
            return values;
        }
        valueCopy = copied(values, valueCopy);
        return valueCopy;
    }

    /** The kernels do not check the bounds of a page again. */
    private static MemorySegment checked(MemorySegment page, long bytes) {
        if (page.byteSize() < bytes) {
            throw new IndexOutOfBoundsException(
                    "a page of the key-value cache has " + page.byteSize() + " bytes where " + bytes + " are needed");
        }
        return page;
    }

    private static MemorySegment copied(MemorySegment page, MemorySegment copy) {
        MemorySegment target = copy.byteSize() < page.byteSize() ? Arena.ofAuto().allocate(page.byteSize(), 64) : copy;
        return target.copyFrom(page);
    }
}
