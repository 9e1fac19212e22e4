package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads a mapped file from front to back; every read is checked against the end of the file before anything is allocated. */
final class GgufCursor {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long MAX_STRING = 1L << 30; // llama.cpp's limit

    private final Path file;
    private final MemorySegment data;
    private long position;

    GgufCursor(Path file, MemorySegment data) {
        this.file = file;
        this.data = data;
    }

    long position() {
        return position;
    }

    long remaining() {
        return data.byteSize() - position;
    }

    WinnowException failure(String what) {
        return new WinnowException(WinnowException.Kind.MODEL,
                file.getFileName() + ": " + what + " (at byte " + position + "); the file is damaged or not a GGUF model, get it again.");
    }

    private long advance(long bytes, String what) {
        if (bytes > remaining()) {
            throw failure("the file ends inside " + what);
        }
        long at = position;
        position += bytes;
        return at;
    }

    int readInt(String what) {
        return data.get(INT, advance(4, what));
    }

    long readLong(String what) {
        return data.get(LONG, advance(8, what));
    }

    /** Skips {@code bytes} and returns where they begin. */
    long skip(long bytes, String what) {
        return advance(bytes, what);
    }

    String readString(String what) {
        long length = readLong(what);
        if (length < 0 || length > MAX_STRING || length > remaining()) {
            throw failure("the length " + Long.toUnsignedString(length) + " of " + what + " is more than what is left of the file");
        }
        return new String(data.asSlice(advance(length, what), length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    void skipString(String what) {
        long length = readLong(what);
        if (length < 0 || length > MAX_STRING || length > remaining()) {
            throw failure("the length " + Long.toUnsignedString(length) + " of " + what + " is more than what is left of the file");
        }
        advance(length, what);
    }
}
