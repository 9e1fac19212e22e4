package dev.winnow.launcher.convert;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Reads a safetensors file: u64 length of a JSON header, the header, the data. The checks are those of the format's own library. */
final class SafetensorsFile {

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long MAX_HEADER = 100_000_000; // the library's limit

    private final Path file;
    private final MemorySegment data; // behind the header

    private SafetensorsFile(Path file, MemorySegment data) {
        this.file = file;
        this.data = data;
    }

    /** Maps a file and returns its tensors, which stay valid as long as the arena. */
    static List<StoredTensor> read(Path file, Arena arena) {
        MemorySegment mapped = map(file, arena);
        long size = mapped.byteSize();
        if (size < Long.BYTES) {
            throw Defects.in(file, "is not a safetensors file: it has only " + size + " bytes");
        }
        long header = mapped.get(LONG, 0);
        if (header < 0 || header > MAX_HEADER) {
            throw Defects.in(file,
                    "is not a safetensors file: it says that its header has " + Long.toUnsignedString(header) + " bytes, more than "
                            + MAX_HEADER);
        }
        if (header > size - Long.BYTES) {
            throw Defects.in(file, "is incomplete: its header has " + header + " bytes, but only " + (size - Long.BYTES) + " follow");
        }
        JsonObject index = JsonObject.parse(file, mapped.asSlice(Long.BYTES, header).toArray(ValueLayout.JAVA_BYTE));
        return new SafetensorsFile(file, mapped.asSlice(Long.BYTES + header)).tensors(index);
    }

    private static MemorySegment map(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.MODEL,
                    "The file " + file + " cannot be read; check that it exists and its permissions.", e);
        }
    }

    private record Entry(String name, StoredTensor.Type type, List<Long> shape, long begin, long end) {}

    private List<StoredTensor> tensors(JsonObject index) {
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each : index.entries()) {
            if (!each.getKey().equals("__metadata__")) {
                entries.add(entry(each.getKey(), index.object(each.getKey()).orElseThrow(() -> index.wrong(each.getKey(), "an object"))));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long position = 0;
        for (Entry entry : entries) {
            if (entry.begin() != position) {
                throw Defects.in(file, "is damaged: the tensor '" + entry.name() + "' begins at byte " + entry.begin()
                        + " of the data, but the one before it ends at byte " + position);
            }
            position = entry.end();
        }
        if (position != data.byteSize()) {
            throw Defects.in(file, "is " + (position > data.byteSize() ? "incomplete" : "damaged") + ": its tensors need " + position
                    + " bytes of data, but it has " + data.byteSize());
        }
        return entries.stream().map(entry -> new StoredTensor(file, entry.name(), entry.type(), entry.shape(),
                data.asSlice(entry.begin(), entry.end() - entry.begin()))).toList();
    }

    private Entry entry(String name, JsonObject description) {
        String typeName = description.text("dtype").orElseThrow(() -> description.missing("dtype"));
        StoredTensor.Type type = Arrays.stream(StoredTensor.Type.values()).filter(known -> known.name().equals(typeName)).findFirst()
                .orElseThrow(() -> Defects.unsupported("The tensor '" + name + "' in " + file + " has the type " + typeName
                        + ", but only F32, F16 and BF16 are converted; convert the original checkpoint that is not quantised"));
        List<Long> shape = integers(description, "shape");
        List<Long> offsets = integers(description, "data_offsets");
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw description.wrong("data_offsets", "a begin and an end");
        }
        long bytes = type.bytes();
        for (long dimension : shape) {
            if (dimension != 0 && bytes > Long.MAX_VALUE / dimension) {
                throw description.wrong("shape", "a shape that fits into a file");
            }
            bytes *= dimension;
        }
        if (bytes != offsets.get(1) - offsets.get(0)) {
            throw Defects.in(file,
                    "is damaged: the tensor '" + name + "' of the shape " + text(shape) + " needs " + bytes + " bytes, but has "
                            + (offsets.get(1) - offsets.get(0)));
        }
        return new Entry(name, type, shape, offsets.get(0), offsets.get(1));
    }

    private static List<Long> integers(JsonObject description, String key) {
        if (!description.has(key)) {
            throw description.missing(key);
        }
        List<Long> values = new ArrayList<>();
        for (JsonNode element : description.list(key)) {
            if (!element.isIntegralNumber() || !element.canConvertToLong() || element.longValue() < 0) {
                throw description.wrong(key, "an array of whole numbers");
            }
            values.add(element.longValue());
        }
        return values;
    }

    /** Returns a shape as people write it. */
    static String text(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(" × ", "[", "]"));
    }
}
