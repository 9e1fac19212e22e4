package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model file, mapped into memory. Format: llama.cpp, ggml/include/gguf.h, versions 2 and 3, little-endian. Opening checks everything that can be checked
 * without knowing the architecture. Thread-safe; no tensor data may be used after {@link #close}.
 */
public final class GgufFile implements AutoCloseable {

    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int MAX_NAME = 63; // ggml's GGML_MAX_NAME without the final NUL
    private static final int MAX_DIMENSIONS = 4;

    private final Path path;
    private final int version;
    private final Arena arena;
    private final GgufMetadata metadata;
    private final Map<String, GgufTensor> tensors;

    private GgufFile(Path path, int version, Arena arena, GgufMetadata metadata, Map<String, GgufTensor> tensors) {
        this.path = path;
        this.version = version;
        this.arena = arena;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /**
     * Opens a file.
     *
     * @throws WinnowException if it does not exist, cannot be read or is not a well-formed GGUF file; one sentence says what is wrong
     */
    @SuppressWarnings("MustBeClosedChecker") // the arena is closed here on failure, and by the file itself later
    public static GgufFile open(Path path) {
        if (Files.isDirectory(path)) {
            throw new WinnowException(WinnowException.Kind.MODEL, path + " is a directory, but a GGUF file is needed.");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (channel.size() == 0) {
                throw new WinnowException(WinnowException.Kind.MODEL, path.getFileName() + ": the file is empty, get it again.");
            }
            GgufFile file = parse(path, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena), arena);
            arena = null;
            return file;
        } catch (NoSuchFileException e) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The file " + path + " does not exist: check the path.", e);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The file " + path + " cannot be read: " + e.getMessage() + ".", e);
        } finally {
            if (arena != null) {
                arena.close();
            }
        }
    }

    private static GgufFile parse(Path path, MemorySegment data, Arena arena) {
        GgufCursor cursor = new GgufCursor(path, data);
        if (cursor.readInt("the magic number") != MAGIC) {
            throw cursor.failure("the file does not begin with GGUF");
        }
        int version = readVersion(cursor);
        long tensorCount = cursor.readLong("the number of tensors");
        long keyCount = cursor.readLong("the number of keys");
        // A tensor entry takes at least 24 bytes, a key at least 13: a count beyond that is a lie, found before anything is allocated.
        if (tensorCount < 0 || tensorCount > cursor.remaining() / 24) {
            throw cursor.failure("the number of tensors is " + tensorCount + ", more than the file can hold");
        }
        if (keyCount < 0 || keyCount > cursor.remaining() / 13) {
            throw cursor.failure("the number of keys is " + keyCount + ", more than the file can hold");
        }
        Map<String, GgufMetadata.Entry> entries = new LinkedHashMap<>();
        for (long i = 0; i < keyCount; i++) {
            readKey(cursor, i, entries);
        }
        GgufMetadata metadata = new GgufMetadata(data, entries);
        long alignment = alignment(cursor, metadata, entries);
        Map<String, GgufTensor> tensors = new GgufTensorTable(cursor, data, alignment).read(tensorCount);
        return new GgufFile(path, version, arena, metadata, tensors);
    }

    private static int readVersion(GgufCursor cursor) {
        int version = cursor.readInt("the version");
        if ((version & 0xFFFF) == 0 && version != 0) {
            throw cursor.failure("the file is big-endian, which Winnow does not read");
        }
        if (version != 2 && version != 3) {
            throw cursor.failure("the file has the GGUF version " + version + ", but only 2 and 3 can be read");
        }
        return version;
    }

    private static void readKey(GgufCursor cursor, long index, Map<String, GgufMetadata.Entry> entries) {
        String key = cursor.readString("the name of key " + index);
        if (key.isEmpty()) {
            throw cursor.failure("the name of key " + index + " is empty");
        }
        GgufValueType type = readType(cursor, key);
        boolean array = type == GgufValueType.ARRAY;
        int count = 1;
        if (array) {
            type = readType(cursor, key);
            if (type == GgufValueType.ARRAY) {
                throw cursor.failure("the key " + key + " is an array of arrays, which GGUF does not allow");
            }
            long elements = cursor.readLong("the length of the array " + key);
            if (elements < 0 || elements > (1 << 30) || elements > cursor.remaining() / type.minBytes()) {
                throw cursor.failure("the array " + key + " says that it has " + Long.toUnsignedString(elements)
                        + " elements, more than the file can hold");
            }
            count = (int) elements;
        }
        long offset = cursor.position();
        if (type == GgufValueType.STRING) {
            for (int i = 0; i < count; i++) {
                cursor.skipString("the value of the key " + key);
            }
        } else {
            cursor.skip((long) count * type.minBytes(), "the value of the key " + key);
        }
        if (entries.put(key, new GgufMetadata.Entry(type, array, count, offset)) != null) {
            throw cursor.failure("the key " + key + " stands twice in the metadata");
        }
    }

    private static GgufValueType readType(GgufCursor cursor, String key) {
        int type = cursor.readInt("the type of the key " + key);
        if (type < 0 || type >= GgufValueType.values().length) {
            throw cursor.failure("the key " + key + " has the unknown type " + type);
        }
        return GgufValueType.values()[type];
    }

    private static long alignment(GgufCursor cursor, GgufMetadata metadata, Map<String, GgufMetadata.Entry> entries) {
        GgufMetadata.Entry entry = entries.get("general.alignment");
        if (entry == null) {
            return 32;
        }
        if (entry.type() != GgufValueType.U32 || entry.array()) {
            throw cursor.failure("the key general.alignment must be a u32");
        }
        long alignment = metadata.integer("general.alignment").orElseThrow();
        if (Long.bitCount(alignment) != 1) {
            throw cursor.failure("general.alignment is " + alignment + ", but must be a power of two");
        }
        return alignment;
    }

    /** Reads the table of tensors and finds their data. */
    private static final class GgufTensorTable {

        private final GgufCursor cursor;
        private final MemorySegment data;
        private final long alignment;

        /** One row of the table; the data follow all rows. */
        private record Row(String name, int typeId, List<Long> shape, long bytes, long offset) {}

        GgufTensorTable(GgufCursor cursor, MemorySegment data, long alignment) {
            this.cursor = cursor;
            this.data = data;
            this.alignment = alignment;
        }

        Map<String, GgufTensor> read(long count) {
            List<Row> rows = new ArrayList<>();
            Set<String> names = new HashSet<>();
            long expected = 0;
            for (long i = 0; i < count; i++) {
                Row row = readRow(i);
                if (!names.add(row.name())) {
                    throw cursor.failure("the tensor " + row.name() + " stands twice in the table");
                }
                if (row.offset() != expected) {
                    throw cursor.failure("the data of the tensor " + row.name() + " begin at " + Long.toUnsignedString(row.offset())
                            + " instead of " + expected);
                }
                expected = padded(expected + row.bytes());
                if (expected < 0) {
                    throw cursor.failure("the tensor " + row.name() + " is larger than any file");
                }
                rows.add(row);
            }
            long start = padded(cursor.position());
            Map<String, GgufTensor> tensors = new LinkedHashMap<>();
            for (Row row : rows) {
                if (row.bytes() > data.byteSize() || start + row.offset() > data.byteSize() - row.bytes()) {
                    throw cursor.failure("the data of the tensor " + row.name() + " reach beyond the end of the file");
                }
                tensors.put(row.name(),
                        new GgufTensor(row.name(), GgmlTypes.supported(row.typeId()), GgmlTypes.format(row.typeId()).orElseThrow().name(),
                                row.shape(), data.asSlice(start + row.offset(), row.bytes())));
            }
            return tensors;
        }

        private long padded(long size) {
            return (size + alignment - 1) & -alignment;
        }

        private Row readRow(long index) {
            String name = cursor.readString("the name of tensor " + index);
            int nameBytes = name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
            if (nameBytes > MAX_NAME) {
                throw cursor
                        .failure("the name of tensor " + index + " has " + nameBytes + " bytes, but at most " + MAX_NAME + " are allowed");
            }
            int dimensions = cursor.readInt("the number of dimensions of the tensor " + name);
            if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
                throw cursor.failure("the tensor " + name + " has " + Integer.toUnsignedString(dimensions) + " dimensions, but at most "
                        + MAX_DIMENSIONS + " are allowed");
            }
            List<Long> shape = new ArrayList<>();
            long elements = 1;
            for (int d = 0; d < dimensions; d++) {
                long size = cursor.readLong("the shape of the tensor " + name);
                if (size < 0 || (size > 0 && elements > Long.MAX_VALUE / 2 / size)) {
                    throw cursor.failure("the tensor " + name + " has the impossible size " + size + " in dimension " + d);
                }
                elements *= size;
                shape.add(size);
            }
            int typeId = cursor.readInt("the type of the tensor " + name);
            GgmlTypes.Format format = GgmlTypes.format(typeId)
                    .orElseThrow(() -> cursor.failure("the tensor " + name + " has the unknown type " + typeId));
            long row = shape.isEmpty() ? 1 : shape.get(0);
            if (row % format.blockSize() != 0) {
                throw cursor.failure("the rows of the tensor " + name + " have " + row + " elements, but the type " + format.name()
                        + " needs a multiple of "
                        + format.blockSize());
            }
            long blocks = elements / format.blockSize();
            if (blocks > Long.MAX_VALUE / 2 / format.bytes()) {
                throw cursor.failure("the tensor " + name + " is larger than any file");
            }
            return new Row(name, typeId, shape, blocks * format.bytes(), cursor.readLong("the offset of the tensor " + name));
        }
    }

    /** Returns the path that the file was opened by. */
    public Path path() {
        return path;
    }

    /** Returns the GGUF version. */
    public int version() {
        return version;
    }

    /** Returns the metadata. */
    public GgufMetadata metadata() {
        return metadata;
    }

    /** Returns the tensors in file order. */
    public List<GgufTensor> tensors() {
        return List.copyOf(tensors.values());
    }

    /** Returns the tensor of a name. */
    public Optional<GgufTensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** Unmaps the file. */
    @Override
    public void close() {
        arena.close();
    }
}
