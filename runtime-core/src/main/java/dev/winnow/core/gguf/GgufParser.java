package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Parses the header of one GGUF file (version 2 or 3, little-endian) with the checks of llama.cpp's gguf.cpp. The work and the memory are bounded by the bytes
 * that the file really holds.
 */
final class GgufParser {

    static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    static final int MAX_DIMENSIONS = 4;

    /** The longest tensor name in bytes (GGML_MAX_NAME is 64 with the closing NUL). */
    static final int MAX_TENSOR_NAME = 63;

    /** The longest key in bytes, by the GGUF specification. */
    static final int MAX_KEY = 65_535;

    /** The most elements of an array that llama.cpp accepts. */
    private static final long MAX_ARRAY = 1L << 30;

    /** Far above any real model (tens of keys, thousands of tensors); keeps a forged header from filling the heap. */
    private static final long MAX_ENTRIES = 1L << 20;

    /** Sizes of the smallest possible entries: key length, one byte, type, one byte; and name length, dimension count, type, offset. */
    private static final int MIN_KEY_VALUE_BYTES = 14;
    private static final int MIN_TENSOR_BYTES = 24;

    private final Path path;
    private final MemorySegment file;
    private final GgufInput input;

    private GgufParser(Path path, MemorySegment file) {
        this.path = path;
        this.file = file;
        this.input = new GgufInput(path, file);
    }

    /** One parsed file. */
    record Part(int version, long alignment, GgufMetadata metadata, List<GgufTensor> tensors) {}

    private record TensorInfo(String name, TensorFormat format, List<Long> shape, long bytes, long offset, long position) {}

    static Part parse(Path path, MemorySegment file) {
        return new GgufParser(path, file).parse();
    }

    private Part parse() {
        int version = readVersion();
        long tensorCount = readCount("tensors", MIN_TENSOR_BYTES);
        long keyCount = readCount("key-value pairs", MIN_KEY_VALUE_BYTES);
        GgufMetadata metadata = readMetadata(keyCount);
        long alignment;
        try {
            alignment = metadata.alignment();
        } catch (WinnowException e) {
            throw GgufInput.failure(path, " is not a valid GGUF file: " + withoutFullStop(e));
        }
        List<TensorInfo> infos = readTensorInfos(tensorCount);
        return new Part(version, alignment, metadata, mapTensors(infos, alignment));
    }

    private static String withoutFullStop(WinnowException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    }

    private int readVersion() {
        if (file.byteSize() == 0) {
            throw GgufInput.failure(path, " is empty");
        }
        if (input.readInt("the magic number") != MAGIC) {
            throw GgufInput.failure(path, " is not a GGUF file: it does not start with the letters GGUF");
        }
        int version = input.readInt("the version");
        if (version != 0 && (version & 0xFFFF) == 0) {
            throw GgufInput.failure(path, " is a big-endian GGUF file, which cannot be read");
        }
        if (version == 1) {
            throw GgufInput.failure(path, " has GGUF version 1, which is no longer supported");
        }
        if (version != 2 && version != 3) {
            throw GgufInput.failure(path,
                    " has GGUF version " + Integer.toUnsignedString(version) + " but only versions 2 and 3 can be read");
        }
        return version;
    }

    private long readCount(String what, int minimumBytes) {
        long start = input.position();
        long count = input.readLong("the number of " + what);
        if (count < 0 || count > MAX_ENTRIES || count > file.byteSize() / minimumBytes) {
            throw input.malformed(start, "the number of " + what + " is " + count + ", more than the file can hold");
        }
        return count;
    }

    private GgufMetadata readMetadata(long count) {
        Map<String, GgufValue> values = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            long start = input.position();
            String key = input.readName("key " + i, MAX_KEY);
            if (key.isEmpty()) {
                throw input.malformed(start, "key " + i + " is empty");
            }
            GgufValue value = readValue(key);
            if (values.put(key, value) != null) {
                throw input.malformed(start, "the key " + key + " is given twice");
            }
        }
        return new GgufMetadata(values);
    }

    private GgufValue readValue(String key) {
        String what = "the value of key " + key;
        GgufType type = readType(key);
        if (type == GgufType.ARRAY) {
            return readArray(key, what);
        }
        long start = input.position();
        if (type == GgufType.STRING) {
            input.skipString(what);
        } else {
            input.skip(type.bytes(), what);
        }
        return new GgufValue(type, type, 1, input.since(start));
    }

    private GgufValue readArray(String key, String what) {
        long typePosition = input.position();
        GgufType elementType = readType(key);
        if (elementType == GgufType.ARRAY) {
            throw input.malformed(typePosition, "the key " + key + " is an array of arrays, which is not supported");
        }
        long countPosition = input.position();
        long count = input.readLong("the length of the array of key " + key);
        int minimumBytes = elementType == GgufType.STRING ? Long.BYTES : elementType.bytes();
        if (count < 0 || count > MAX_ARRAY || count > input.remaining() / minimumBytes) {
            throw input.malformed(countPosition, "the array of key " + key + " claims " + Long.toUnsignedString(count)
                    + " elements, more than the rest of the file can hold");
        }
        long start = input.position();
        if (elementType == GgufType.STRING) {
            for (long i = 0; i < count; i++) {
                input.skipString(what);
            }
        } else {
            input.skip(count * elementType.bytes(), what);
        }
        return new GgufValue(GgufType.ARRAY, elementType, count, input.since(start));
    }

    private GgufType readType(String key) {
        long start = input.position();
        int id = input.readInt("the type of key " + key);
        GgufType type = GgufType.ofId(id);
        if (type == null) {
            throw input.malformed(start, "the key " + key + " has the unknown value type " + id);
        }
        return type;
    }

    private List<TensorInfo> readTensorInfos(long count) {
        List<TensorInfo> infos = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (long i = 0; i < count; i++) {
            long start = input.position();
            String name = input.readName("the name of tensor " + i, MAX_TENSOR_NAME);
            if (!names.add(name)) {
                throw input.malformed(start, "the tensor " + name + " is given twice");
            }
            infos.add(readTensorInfo(name, start));
        }
        return infos;
    }

    private TensorInfo readTensorInfo(String name, long start) {
        String what = "the description of tensor " + name;
        int dimensions = input.readInt(what);
        if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
            throw input.malformed(start,
                    "the tensor " + name + " has " + Integer.toUnsignedString(dimensions) + " dimensions but at most " + MAX_DIMENSIONS
                            + " are allowed");
        }
        List<Long> shape = new ArrayList<>(dimensions);
        for (int i = 0; i < dimensions; i++) {
            shape.add(input.readLong(what));
        }
        int typeId = input.readInt(what);
        TensorFormat format = TensorFormat.ofId(typeId);
        if (format == null) {
            throw input.malformed(start, "the tensor " + name + " has the unknown or removed type " + typeId);
        }
        long bytes;
        try {
            bytes = TensorShapes.byteSize(format, shape);
        } catch (IllegalArgumentException e) {
            throw input.malformed(start, "the tensor " + name + " " + e.getMessage());
        }
        long offset = input.readLong(what);
        return new TensorInfo(name, format, List.copyOf(shape), bytes, offset, start);
    }

    private List<GgufTensor> mapTensors(List<TensorInfo> infos, long alignment) {
        List<GgufTensor> tensors = new ArrayList<>(infos.size());
        long dataStart = TensorShapes.align(input.position(), alignment);
        long expectedOffset = 0;
        for (TensorInfo info : infos) {
            if (info.offset() != expectedOffset) {
                throw input.malformed(info.position(),
                        "the tensor " + info.name() + " has offset " + Long.toUnsignedString(info.offset()) + " but " + expectedOffset
                                + " is expected");
            }
            if (dataStart > file.byteSize() || info.offset() > file.byteSize() - dataStart
                    || info.bytes() > file.byteSize() - dataStart - info.offset()) {
                throw input.malformed(info.position(), "the data of tensor " + info.name() + " ends outside the file, which is incomplete");
            }
            tensors.add(new GgufTensor(info.name(), info.format(), info.shape(), file.asSlice(dataStart + info.offset(), info.bytes())));
            expectedOffset = TensorShapes.align(info.offset() + info.bytes(), alignment);
        }
        return List.copyOf(tensors);
    }
}
