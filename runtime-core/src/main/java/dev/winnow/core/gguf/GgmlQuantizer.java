package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.GgmlType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Turns floats into the storage formats of ggml, value for value like the reference functions of ggml-quants.c: the scale is computed in float32 and stored as
 * fp16, but the quants are computed with the inverse of the float32 scale. Stateless and thread-safe.
 */
public final class GgmlQuantizer {

    private static final int BLOCK = 32;
    private static final int HALF = BLOCK / 2;

    private GgmlQuantizer() {}

    /** Returns whether {@link #quantize} can write a format: F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K and Q6_K. */
    public static boolean canWrite(GgmlType type) {
        return switch (type) {
            case F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> true;
            case Q2_K, Q3_K, IQ4_NL, IQ4_XS, MXFP4 -> false;
        };
    }

    /**
     * Quantises {@code count} values, a multiple of the block size, that start at {@code values[from]}, into {@code target} at byte {@code offset}.
     *
     * @throws WinnowException of kind UNSUPPORTED for a format that cannot be written
     */
    public static void quantize(GgmlType type, float[] values, int from, int count, MemorySegment target, long offset) {
        if (!canWrite(type)) {
            throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                    "Tensors cannot be written as " + type + "; choose F32, F16, BF16, Q8_0, Q6_K, Q5_K, Q5_1, Q5_0, Q4_K, Q4_1 or Q4_0.");
        }
        if (count % type.blockSize() != 0) {
            throw new IllegalArgumentException(
                    count + " values are not a multiple of the " + type.blockSize() + " values of a " + type + " block");
        }
        long position = offset;
        for (int i = from; i < from + count; i += type.blockSize()) {
            switch (type) {
                case F32 -> target.set(GgufValue.INT, position, Float.floatToRawIntBits(values[i]));
                case F16 -> target.set(GgufValue.SHORT, position, Float.floatToFloat16(values[i]));
                case BF16 -> target.set(GgufValue.SHORT, position, toBfloat16(values[i]));
                case Q8_0 -> quantizeQ8(values, i, target, position);
                case Q4_0 -> quantizeSymmetric(values, i, 4, target, position);
                case Q5_0 -> quantizeSymmetric(values, i, 5, target, position);
                case Q4_1 -> quantizeWithMinimum(values, i, 4, target, position);
                case Q4_K -> SuperBlockQuantizer.quantizeWithMinima(values, i, 4, target, position);
                case Q5_K -> SuperBlockQuantizer.quantizeWithMinima(values, i, 5, target, position);
                case Q6_K -> SuperBlockQuantizer.quantizeQ6(values, i, target, position);
                default -> quantizeWithMinimum(values, i, 5, target, position);
            }
            position += type.blockBytes();
        }
    }

    /** Rounds to nearest even; a NaN stays a (quiet) NaN. */
    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >> 16) | 64);
        }
        return (short) ((bits + (0x7FFF + ((bits >> 16) & 1))) >> 16);
    }

    private static void quantizeQ8(float[] values, int from, MemorySegment target, long position) {
        float largest = 0;
        for (int i = 0; i < BLOCK; i++) {
            largest = Math.max(largest, Math.abs(values[from + i]));
        }
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        target.set(GgufValue.SHORT, position, Float.floatToFloat16(scale));
        for (int i = 0; i < BLOCK; i++) {
            target.set(ValueLayout.JAVA_BYTE, position + Short.BYTES + i, (byte) roundHalfAway(values[from + i] * inverse));
        }
    }

    /** C's roundf: halves go away from zero; exact because |x| is at most 127. */
    private static int roundHalfAway(float value) {
        int magnitude = (int) (Math.abs((double) value) + 0.5);
        return value < 0 ? -magnitude : magnitude;
    }

    /** Q4_0 and Q5_0: the value of largest magnitude, with its sign, becomes the lowest quant, -8 or -16. */
    private static void quantizeSymmetric(float[] values, int from, int bits, MemorySegment target, long position) {
        float largest = 0;
        float signed = 0;
        for (int i = 0; i < BLOCK; i++) {
            float value = values[from + i];
            if (largest < Math.abs(value)) {
                largest = Math.abs(value);
                signed = value;
            }
        }
        int zero = 1 << (bits - 1);
        float scale = signed / -zero;
        float inverse = scale == 0 ? 0 : 1 / scale;
        target.set(GgufValue.SHORT, position, Float.floatToFloat16(scale));
        int[] quants = new int[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            quants[i] = Math.min((1 << bits) - 1, (int) (values[from + i] * inverse + (zero + 0.5f)));
        }
        pack(quants, bits, target, position + Short.BYTES);
    }

    /** Q4_1 and Q5_1: quants count steps from the smallest value. */
    private static void quantizeWithMinimum(float[] values, int from, int bits, MemorySegment target, long position) {
        float minimum = Float.MAX_VALUE;
        float maximum = -Float.MAX_VALUE;
        for (int i = 0; i < BLOCK; i++) {
            minimum = Math.min(minimum, values[from + i]);
            maximum = Math.max(maximum, values[from + i]);
        }
        int top = (1 << bits) - 1;
        float scale = (maximum - minimum) / top;
        float inverse = scale == 0 ? 0 : 1 / scale;
        target.set(GgufValue.SHORT, position, Float.floatToFloat16(scale));
        target.set(GgufValue.SHORT, position + Short.BYTES, Float.floatToFloat16(minimum));
        int[] quants = new int[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            quants[i] = Math.min(top, (int) ((values[from + i] - minimum) * inverse + 0.5f));
        }
        pack(quants, bits, target, position + 2 * Short.BYTES);
    }

    /** Writes the fifth bits (5-bit formats only) as one little-endian word, then the low nibbles: elements 0-15 low, elements 16-31 high. */
    private static void pack(int[] quants, int bits, MemorySegment target, long position) {
        long nibbles = position;
        if (bits == 5) {
            int high = 0;
            for (int i = 0; i < BLOCK; i++) {
                high |= ((quants[i] >> 4) & 1) << i;
            }
            target.set(GgufValue.INT, position, high);
            nibbles += Integer.BYTES;
        }
        for (int i = 0; i < HALF; i++) {
            target.set(ValueLayout.JAVA_BYTE, nibbles + i, (byte) ((quants[i] & 15) | ((quants[i + HALF] & 15) << 4)));
        }
    }
}
