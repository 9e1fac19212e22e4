package dev.winnow.core.gguf;

import org.jspecify.annotations.Nullable;

/** The types of metadata values, as in the GGUF specification. */
public enum GgufType {
    U8(0, "u8", 1),
    I8(1, "i8", 1),
    U16(2, "u16", 2),
    I16(3, "i16", 2),
    U32(4, "u32", 4),
    I32(5, "i32", 4),
    F32(6, "f32", 4),
    BOOL(7, "bool", 1),
    STRING(8, "string", 0),
    ARRAY(9, "array", 0),
    U64(10, "u64", 8),
    I64(11, "i64", 8),
    F64(12, "f64", 8);

    private static final GgufType[] VALUES = values();

    private final int id;
    private final String label;
    private final int bytes;

    GgufType(int id, String label, int bytes) {
        this.id = id;
        this.label = label;
        this.bytes = bytes;
    }

    /** Returns the name for messages and listings, for example {@code u32}. */
    public String label() {
        return label;
    }

    /** Returns the number that stands for the type in a file. */
    int id() {
        return id;
    }

    /** Returns the size of a value, or 0 for strings and arrays, whose values have different sizes. */
    int bytes() {
        return bytes;
    }

    boolean isInteger() {
        return switch (this) {
            case U8, I8, U16, I16, U32, I32, U64, I64 -> true;
            case F32, F64, BOOL, STRING, ARRAY -> false;
        };
    }

    boolean isReal() {
        return this == F32 || this == F64;
    }

    /** Returns the type with a number, or null when there is none. */
    static @Nullable GgufType ofId(int id) {
        for (GgufType type : VALUES) {
            if (type.id == id) {
                return type;
            }
        }
        return null;
    }

    /** Returns the type with a label, or null when there is none. */
    static @Nullable GgufType ofLabel(String label) {
        for (GgufType type : VALUES) {
            if (type.label.equals(label)) {
                return type;
            }
        }
        return null;
    }
}
