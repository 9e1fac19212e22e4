package dev.winnow.core.gguf;

/** The types of metadata values, in the order of their numbers in a file. */
enum GgufValueType {
    U8(1),
    I8(1),
    U16(2),
    I16(2),
    U32(4),
    I32(4),
    F32(4),
    BOOL(1),
    STRING(8),
    ARRAY(12),
    U64(8),
    I64(8),
    F64(8);

    private final int minBytes;

    GgufValueType(int minBytes) {
        this.minBytes = minBytes;
    }

    /** Returns the least number of bytes of a value. */
    int minBytes() {
        return minBytes;
    }

    boolean isInteger() {
        return this == U8 || this == I8 || this == U16 || this == I16 || this == U32 || this == I32 || this == U64 || this == I64;
    }

    boolean isReal() {
        return this == F32 || this == F64;
    }

    String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
