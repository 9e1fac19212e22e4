package dev.winnow.core.gguf;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Collects the header of a file in memory. */
final class GgufOutput {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    void writeInt(int value) {
        writeLittleEndian(value, Integer.BYTES);
    }

    void writeLong(long value) {
        writeLittleEndian(value, Long.BYTES);
    }

    private void writeLittleEndian(long value, int count) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (value >>> (8 * i)));
        }
    }

    void writeString(String text) {
        byte[] encoded = utf8(text);
        writeLong(encoded.length);
        bytes.writeBytes(encoded);
    }

    void writeKeyValue(String key, GgufValue value) {
        writeString(key);
        writeInt(value.type().id());
        if (value.isArray()) {
            writeInt(value.elementType().id());
            writeLong(value.count());
        }
        bytes.writeBytes(value.bytes().toArray(ValueLayout.JAVA_BYTE));
    }

    void writeTensor(String name, TensorFormat format, List<Long> shape, long offset) {
        writeString(name);
        writeInt(shape.size());
        shape.forEach(this::writeLong);
        writeInt(format.id());
        writeLong(offset);
    }

    MemorySegment toSegment() {
        return MemorySegment.ofArray(bytes.toByteArray());
    }
}
