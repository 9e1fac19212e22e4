package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;

/**
 * A typed metadata value: a scalar, a string, or an array of one of them. It keeps the bytes of the file and decodes them when asked, so a file with a
 * vocabulary of 256k strings opens without creating them. Values of a file are valid until the file is closed. Immutable and thread-safe.
 */
public final class GgufValue {

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Bytes that a decoded string needs besides its text: object headers, length, hash and the reference to it. */
    private static final int STRING_OVERHEAD = 64;

    private final GgufType type;
    private final GgufType elementType;
    private final long count;
    private final MemorySegment bytes;

    /** Wraps encoded elements; {@code elementType} equals {@code type} and {@code count} is 1 unless the value is an array. */
    GgufValue(GgufType type, GgufType elementType, long count, MemorySegment bytes) {
        this.type = type;
        this.elementType = elementType;
        this.count = count;
        this.bytes = bytes;
    }

    /** Returns the type; {@link GgufType#ARRAY} for every array. */
    public GgufType type() {
        return type;
    }

    /** Returns the type of the elements of an array, or the type of a scalar. */
    public GgufType elementType() {
        return elementType;
    }

    /** Returns the number of elements of an array, or 1 for a scalar. */
    public long count() {
        return count;
    }

    /** Returns the name of the type, for example {@code u32} or {@code string[]}. */
    public String typeName() {
        return isArray() ? elementType.label() + "[]" : type.label();
    }

    boolean isArray() {
        return type == GgufType.ARRAY;
    }

    /** Returns the encoded elements as they stand in the file, without the type and count of an array. */
    MemorySegment bytes() {
        return bytes;
    }

    long integerAt(long index) {
        return switch (elementType) {
            case U8 -> bytes.get(ValueLayout.JAVA_BYTE, index) & 0xFFL;
            case I8, BOOL -> bytes.get(ValueLayout.JAVA_BYTE, index);
            case U16 -> bytes.get(SHORT, 2 * index) & 0xFFFFL;
            case I16 -> bytes.get(SHORT, 2 * index);
            case U32 -> bytes.get(INT, 4 * index) & 0xFFFF_FFFFL;
            case I32 -> bytes.get(INT, 4 * index);
            case U64, I64 -> bytes.get(LONG, 8 * index);
            case F32, F64, STRING, ARRAY -> throw new IllegalStateException("not an integer: " + typeName());
        };
    }

    double realAt(long index) {
        return elementType == GgufType.F32
                ? Float.intBitsToFloat(bytes.get(INT, 4 * index))
                : Double.longBitsToDouble(bytes.get(LONG, 8 * index));
    }

    boolean boolAt(long index) {
        return bytes.get(ValueLayout.JAVA_BYTE, index) != 0;
    }

    /** Returns the string of a string value; invalid UTF-8 becomes U+FFFD. */
    String string() {
        return new String(stringBytesAt(0), StandardCharsets.UTF_8);
    }

    /** Returns the bytes of every string of a string array. */
    byte[][] stringBytes() {
        int length = arrayLength(STRING_OVERHEAD);
        byte[][] strings = new byte[length][];
        long position = 0;
        for (int i = 0; i < length; i++) {
            strings[i] = stringBytesAt(position);
            position += Long.BYTES + strings[i].length;
        }
        return strings;
    }

    private byte[] stringBytesAt(long position) {
        long length = bytes.get(LONG, position);
        return bytes.asSlice(position + Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Returns the number of elements as an int after a check that they fit in memory. */
    int arrayLength(int bytesPerElement) {
        if (count > Integer.MAX_VALUE - 8 || bytes.byteSize() + count * bytesPerElement > Runtime.getRuntime().maxMemory()) {
            throw new WinnowException(WinnowException.Kind.RESOURCES,
                    "A metadata array of " + count + " elements does not fit in memory; give the JVM a larger heap or check the file.");
        }
        return (int) count;
    }

    /** Returns the value as text on one line, arrays in brackets with at most {@code maxElements} elements. */
    public String text(int maxElements) {
        if (!isArray()) {
            return elementType == GgufType.STRING ? string() : textAt(0);
        }
        StringJoiner joiner = new StringJoiner(", ", "[", "]");
        long shown = Math.min(count, maxElements);
        long position = 0;
        for (long i = 0; i < shown; i++) {
            if (elementType == GgufType.STRING) {
                byte[] element = stringBytesAt(position);
                position += Long.BYTES + element.length;
                joiner.add(new String(element, StandardCharsets.UTF_8));
            } else {
                joiner.add(textAt(i));
            }
        }
        if (shown < count) {
            joiner.add("...");
        }
        return joiner.toString();
    }

    private String textAt(long index) {
        return switch (elementType) {
            case BOOL -> Boolean.toString(boolAt(index));
            case F32 -> Float.toString((float) realAt(index));
            case F64 -> Double.toString(realAt(index));
            case U64 -> Long.toUnsignedString(integerAt(index));
            default -> Long.toString(integerAt(index));
        };
    }

    /** Returns an integer value; {@code type} is an integer type and {@code value} is in its range (u64 as unsigned). */
    public static GgufValue integer(GgufType type, long value) {
        return integers(type, value).scalar();
    }

    /** Returns an f32. */
    public static GgufValue real(float value) {
        return reals(value).scalar();
    }

    /** Returns an f64. */
    public static GgufValue real64(double value) {
        return reals64(value).scalar();
    }

    /** Returns a boolean. */
    public static GgufValue bool(boolean value) {
        return bools(value).scalar();
    }

    /** Returns a string. */
    public static GgufValue string(String value) {
        return strings(value).scalar();
    }

    /** Returns an array of integers of one type; every value is in its range. */
    public static GgufValue integers(GgufType type, long... values) {
        if (!type.isInteger()) {
            throw new IllegalArgumentException(type.label() + " is not an integer type");
        }
        MemorySegment encoded = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, type.bytes())]);
        for (int i = 0; i < values.length; i++) {
            switch (type.bytes()) {
                case 1 -> encoded.set(ValueLayout.JAVA_BYTE, i, (byte) values[i]);
                case 2 -> encoded.set(SHORT, 2L * i, (short) values[i]);
                case 4 -> encoded.set(INT, 4L * i, (int) values[i]);
                default -> encoded.set(LONG, 8L * i, values[i]);
            }
        }
        GgufValue value = array(type, values.length, encoded);
        for (int i = 0; i < values.length; i++) {
            if (value.integerAt(i) != values[i]) {
                throw new IllegalArgumentException(values[i] + " is outside the range of " + type.label());
            }
        }
        return value;
    }

    /** Returns an array of f32. */
    public static GgufValue reals(float... values) {
        MemorySegment encoded = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 4)]);
        for (int i = 0; i < values.length; i++) {
            encoded.set(INT, 4L * i, Float.floatToRawIntBits(values[i]));
        }
        return array(GgufType.F32, values.length, encoded);
    }

    /** Returns an array of f64. */
    public static GgufValue reals64(double... values) {
        MemorySegment encoded = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 8)]);
        for (int i = 0; i < values.length; i++) {
            encoded.set(LONG, 8L * i, Double.doubleToRawLongBits(values[i]));
        }
        return array(GgufType.F64, values.length, encoded);
    }

    /** Returns an array of booleans. */
    public static GgufValue bools(boolean... values) {
        byte[] encoded = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            encoded[i] = (byte) (values[i] ? 1 : 0);
        }
        return array(GgufType.BOOL, values.length, MemorySegment.ofArray(encoded));
    }

    /** Returns an array of strings. */
    public static GgufValue strings(String... values) {
        byte[][] encoded = new byte[values.length][];
        for (int i = 0; i < values.length; i++) {
            encoded[i] = values[i].getBytes(StandardCharsets.UTF_8);
        }
        return stringBytes(encoded);
    }

    /** Returns an array of strings given as bytes, which need not be valid UTF-8. */
    public static GgufValue stringBytes(byte[]... values) {
        long size = 0;
        for (byte[] value : values) {
            size += Long.BYTES + value.length;
        }
        MemorySegment encoded = MemorySegment.ofArray(new byte[Math.toIntExact(size)]);
        long position = 0;
        for (byte[] value : values) {
            encoded.set(LONG, position, value.length);
            MemorySegment.copy(value, 0, encoded, ValueLayout.JAVA_BYTE, position + Long.BYTES, value.length);
            position += Long.BYTES + value.length;
        }
        return array(GgufType.STRING, values.length, encoded);
    }

    private static GgufValue array(GgufType elementType, long count, MemorySegment encoded) {
        return new GgufValue(GgufType.ARRAY, elementType, count, encoded.asReadOnly());
    }

    /** Returns an array of one element as that element. */
    GgufValue scalar() {
        return new GgufValue(elementType, elementType, 1, bytes);
    }
}
