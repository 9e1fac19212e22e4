package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A bounds-checked reader of a mapped file. Every count and length is compared with what is left of the file before anything is allocated. */
final class GgufInput {

    /** The longest string that llama.cpp accepts. */
    private static final long MAX_STRING_BYTES = 1L << 30;

    private static final int MAX_SHOWN = 400;

    private final Path path;
    private final MemorySegment file;
    private long position;

    GgufInput(Path path, MemorySegment file) {
        this.path = path;
        this.file = file;
    }

    long position() {
        return position;
    }

    long remaining() {
        return file.byteSize() - position;
    }

    int readInt(String what) {
        require(Integer.BYTES, what);
        int value = file.get(GgufValue.INT, position);
        position += Integer.BYTES;
        return value;
    }

    long readLong(String what) {
        require(Long.BYTES, what);
        long value = file.get(GgufValue.LONG, position);
        position += Long.BYTES;
        return value;
    }

    /** Reads a short string that must be valid UTF-8: a key or a tensor name. */
    String readName(String what, int maxBytes) {
        long start = position;
        long length = readStringLength(what);
        if (length > maxBytes) {
            throw malformed(start, what + " has " + length + " bytes but at most " + maxBytes + " are allowed");
        }
        byte[] bytes = file.asSlice(position, length).toArray(ValueLayout.JAVA_BYTE);
        position += length;
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw malformed(start, what + " is not valid UTF-8");
        }
    }

    /** Moves past a string of any content. */
    void skipString(String what) {
        long length = readStringLength(what);
        position += length;
    }

    MemorySegment skip(long bytes, String what) {
        require(bytes, what);
        MemorySegment slice = file.asSlice(position, bytes);
        position += bytes;
        return slice;
    }

    MemorySegment since(long start) {
        return file.asSlice(start, position - start);
    }

    private long readStringLength(String what) {
        long start = position;
        long length = readLong("the length of " + what);
        if (length < 0 || length > MAX_STRING_BYTES || length > remaining()) {
            throw malformed(start,
                    what + " claims " + Long.toUnsignedString(length) + " bytes, more than the " + remaining() + " bytes left in the file");
        }
        return length;
    }

    private void require(long bytes, String what) {
        if (bytes > remaining()) {
            throw malformed(position, "the file ends inside " + what);
        }
    }

    WinnowException malformed(long offset, String problem) {
        return malformed(path, offset, problem);
    }

    static WinnowException malformed(Path path, long offset, String problem) {
        return failure(path, " is not a valid GGUF file: at byte " + offset + ", " + problem);
    }

    static WinnowException failure(Path path, String problem) {
        return new WinnowException(WinnowException.Kind.MODEL, path + shown(problem) + "; download or convert the model again.");
    }

    /** Returns text that quotes names of a file as one line of moderate length: a forged name must not send control characters to a terminal. */
    static String shown(String text) {
        String line = text.replaceAll("\\p{Cc}", "?");
        if (line.length() <= MAX_SHOWN) {
            return line;
        }
        return line.substring(0, MAX_SHOWN / 2) + "..." + line.substring(line.length() - MAX_SHOWN / 2);
    }
}
