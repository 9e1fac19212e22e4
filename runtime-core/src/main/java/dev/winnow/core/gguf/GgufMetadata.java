package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.ModelMetadata;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The metadata of a GGUF file, decoded from the mapped bytes when it is asked for. */
public final class GgufMetadata implements ModelMetadata {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * Where a value is.
     *
     * @param type        type of the value, or of the elements of an array
     * @param array       whether it is an array
     * @param count       number of elements; 1 for a single value
     * @param offset      offset of the first element
     */
    record Entry(GgufValueType type, boolean array, int count, long offset) {}

    private final MemorySegment data;
    private final Map<String, Entry> entries;

    GgufMetadata(MemorySegment data, Map<String, Entry> entries) {
        this.data = data;
        this.entries = entries;
    }

    @Override
    public String architecture() {
        return string("general.architecture").orElseThrow(() -> new WinnowException(WinnowException.Kind.MODEL,
                "The key general.architecture is missing from the model's metadata: the file does not say what model it is."));
    }

    @Override
    public Set<String> keys() {
        return java.util.Collections.unmodifiableSet(entries.keySet());
    }

    /** Returns the type of a value for display, for example {@code u32} or {@code string[49152]}; empty for an absent key. */
    public Optional<String> typeName(String key) {
        return Optional.ofNullable(entries.get(key)).map(entry -> entry.type().label() + (entry.array() ? "[" + entry.count() + "]" : ""));
    }

    /** Returns a value for display, of an array at most {@code most} elements; empty for an absent key. */
    public Optional<String> display(String key, int most) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        if (!entry.array()) {
            return Optional.of(element(entry, entry.offset()));
        }
        StringBuilder text = new StringBuilder("[");
        long at = entry.offset();
        for (int i = 0; i < Math.min(entry.count(), most); i++) {
            text.append(i == 0 ? "" : ", ").append(element(entry, at));
            at += entry.type() == GgufValueType.STRING ? 8 + data.get(LONG, at) : entry.type().minBytes();
        }
        return Optional.of(text.append(entry.count() > most ? ", …]" : "]").toString());
    }

    private String element(Entry entry, long at) {
        GgufValueType type = entry.type();
        if (type == GgufValueType.STRING) {
            return new String(bytes(at), StandardCharsets.UTF_8);
        }
        if (type == GgufValueType.BOOL) {
            return Boolean.toString(data.get(ValueLayout.JAVA_BYTE, at) != 0);
        }
        if (type == GgufValueType.U64) {
            return Long.toUnsignedString(data.get(LONG, at));
        }
        if (type == GgufValueType.F32) {
            return Float.toString(Float.intBitsToFloat(data.get(INT, at)));
        }
        return type.isReal() ? Double.toString(real(type, at)) : Long.toString(integer(type, at));
    }

    @Override
    public OptionalLong integer(String key) {
        Entry entry = find(key, false, "an integer");
        if (entry == null) {
            return OptionalLong.empty();
        }
        require(key, entry, entry.type().isInteger(), "an integer");
        long value = integer(entry.type(), entry.offset());
        if (entry.type() == GgufValueType.U64 && value < 0) {
            throw wrong(key, entry, "an integer of at most 63 bits");
        }
        return OptionalLong.of(value);
    }

    @Override
    public OptionalDouble real(String key) {
        Entry entry = find(key, false, "a floating-point number");
        if (entry == null) {
            return OptionalDouble.empty();
        }
        require(key, entry, entry.type().isReal(), "a floating-point number");
        return OptionalDouble.of(real(entry.type(), entry.offset()));
    }

    @Override
    public Optional<Boolean> bool(String key) {
        Entry entry = find(key, false, "a boolean");
        if (entry == null) {
            return Optional.empty();
        }
        require(key, entry, entry.type() == GgufValueType.BOOL, "a boolean");
        return Optional.of(data.get(ValueLayout.JAVA_BYTE, entry.offset()) != 0);
    }

    @Override
    public Optional<String> string(String key) {
        Entry entry = find(key, false, "a string");
        if (entry == null) {
            return Optional.empty();
        }
        require(key, entry, entry.type() == GgufValueType.STRING, "a string");
        return Optional.of(new String(bytes(entry.offset()), StandardCharsets.UTF_8));
    }

    @Override
    public Optional<long[]> integers(String key) {
        Entry entry = find(key, true, "an array of integers");
        if (entry == null) {
            return Optional.empty();
        }
        require(key, entry, entry.type().isInteger(), "an array of integers");
        long[] values = new long[entry.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = integer(entry.type(), entry.offset() + (long) i * entry.type().minBytes());
        }
        return Optional.of(values);
    }

    @Override
    public Optional<float[]> reals(String key) {
        Entry entry = find(key, true, "an array of f32");
        if (entry == null) {
            return Optional.empty();
        }
        require(key, entry, entry.type() == GgufValueType.F32, "an array of f32");
        float[] values = new float[entry.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(data.get(INT, entry.offset() + 4L * i));
        }
        return Optional.of(values);
    }

    @Override
    public Optional<boolean[]> bools(String key) {
        Entry entry = find(key, true, "an array of booleans");
        if (entry == null) {
            return Optional.empty();
        }
        require(key, entry, entry.type() == GgufValueType.BOOL, "an array of booleans");
        boolean[] values = new boolean[entry.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = data.get(ValueLayout.JAVA_BYTE, entry.offset() + i) != 0;
        }
        return Optional.of(values);
    }

    @Override
    public Optional<String[]> strings(String key) {
        return stringBytes(key).map(all -> {
            String[] values = new String[all.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = new String(all[i], StandardCharsets.UTF_8);
            }
            return values;
        });
    }

    /** Returns the bytes of an array of strings, which need not be UTF-8. */
    public Optional<byte[][]> stringBytes(String key) {
        Entry entry = find(key, true, "an array of strings");
        if (entry == null) {
            return Optional.empty();
        }
        require(key, entry, entry.type() == GgufValueType.STRING, "an array of strings");
        byte[][] values = new byte[entry.count()][];
        long at = entry.offset();
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes(at);
            at += 8 + values[i].length;
        }
        return Optional.of(values);
    }

    private byte[] bytes(long at) {
        return data.asSlice(at + 8, data.get(LONG, at)).toArray(ValueLayout.JAVA_BYTE);
    }

    private long integer(GgufValueType type, long at) {
        return switch (type) {
            case U8 -> data.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
            case I8 -> data.get(ValueLayout.JAVA_BYTE, at);
            case U16 -> data.get(SHORT, at) & 0xFFFF;
            case I16 -> data.get(SHORT, at);
            case U32 -> data.get(INT, at) & 0xFFFF_FFFFL;
            case I32 -> data.get(INT, at);
            default -> data.get(LONG, at);
        };
    }

    private double real(GgufValueType type, long at) {
        return type == GgufValueType.F32 ? Float.intBitsToFloat(data.get(INT, at)) : Double.longBitsToDouble(data.get(LONG, at));
    }

    private @Nullable Entry find(String key, boolean array, String expected) {
        Entry entry = entries.get(key);
        if (entry != null) {
            require(key, entry, entry.array() == array, expected);
        }
        return entry;
    }

    private static void require(String key, Entry entry, boolean holds, String expected) {
        if (!holds) {
            throw wrong(key, entry, expected);
        }
    }

    private static WinnowException wrong(String key, Entry entry, String expected) {
        return new WinnowException(WinnowException.Kind.MODEL,
                "The key " + key + " has the type " + (entry.array() ? "array of " : "") + entry.type().label()
                        + ", but " + expected + " is expected: the model's metadata is damaged.");
    }
}
