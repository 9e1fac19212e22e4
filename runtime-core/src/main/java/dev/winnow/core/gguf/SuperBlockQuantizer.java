package dev.winnow.core.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The formats Q4_K, Q5_K and Q6_K: blocks of 256 values in sub-blocks, whose scales are integers times one fp16 scale. Scales are found by trying several and
 * taking the one with the least weighted squared error, as the reference functions of ggml-quants.c do without an importance matrix.
 */
final class SuperBlockQuantizer {

    private static final int BLOCK = 256;
    private static final int SUB_BLOCK = 32; // of Q4_K and Q5_K
    private static final int SUB_BLOCKS = BLOCK / SUB_BLOCK;
    private static final int SMALL_BLOCK = 16; // of Q6_K
    private static final int SMALL_BLOCKS = BLOCK / SMALL_BLOCK;
    private static final int SCALE_BYTES = 12;
    private static final int LARGEST_SCALE = 63; // 6 bits
    private static final float LEAST = 1e-15f; // groups below are zero

    private SuperBlockQuantizer() {}

    /** Q4_K and Q5_K: value = scale · quant − minimum. */
    static void quantizeWithMinima(float[] values, int from, int bits, MemorySegment target, long position) {
        int top = (1 << bits) - 1;
        int[] quants = new int[BLOCK];
        float[] scales = new float[SUB_BLOCKS];
        float[] minima = new float[SUB_BLOCKS];
        float largestScale = 0;
        float largestMinimum = 0;
        ScaleSearch search = new ScaleSearch(SUB_BLOCK, top, bits == 4 ? -1f : -0.5f, bits == 4 ? 20 : 15);
        for (int j = 0; j < SUB_BLOCKS; j++) {
            search.run(values, from + j * SUB_BLOCK, quants, j * SUB_BLOCK);
            scales[j] = search.scale();
            minima[j] = search.minimum();
            largestScale = Math.max(largestScale, scales[j]);
            largestMinimum = Math.max(largestMinimum, minima[j]);
        }
        float inverseScale = largestScale > 0 ? LARGEST_SCALE / largestScale : 0;
        float inverseMinimum = largestMinimum > 0 ? LARGEST_SCALE / largestMinimum : 0;
        short storedScale = Float.floatToFloat16(largestScale / LARGEST_SCALE);
        short storedMinimum = Float.floatToFloat16(largestMinimum / LARGEST_SCALE);
        byte[] packed = new byte[SCALE_BYTES];
        for (int j = 0; j < SUB_BLOCKS; j++) {
            int scale = Math.min(LARGEST_SCALE, nearest(inverseScale * scales[j]));
            int minimum = Math.min(LARGEST_SCALE, nearest(inverseMinimum * minima[j]));
            pack(packed, j, scale, minimum);
            float step = Float.float16ToFloat(storedScale) * scale;
            float offset = Float.float16ToFloat(storedMinimum) * minimum;
            for (int i = 0; step != 0 && i < SUB_BLOCK; i++) {
                quants[j * SUB_BLOCK + i] = Math.clamp(nearest((values[from + j * SUB_BLOCK + i] + offset) / step), 0, top);
            }
        }
        target.set(GgufValue.SHORT, position, storedScale);
        target.set(GgufValue.SHORT, position + 2, storedMinimum);
        MemorySegment.copy(packed, 0, target, ValueLayout.JAVA_BYTE, position + 4, SCALE_BYTES);
        long high = position + 4 + SCALE_BYTES;
        writeQuants(quants, bits, target, high);
    }

    /** Six bits of scale and minimum for each sub-block: the first four whole, of the others the upper two bits beside those of the first. */
    private static void pack(byte[] packed, int j, int scale, int minimum) {
        if (j < 4) {
            packed[j] = (byte) scale;
            packed[j + 4] = (byte) minimum;
        } else {
            packed[j + 4] = (byte) ((scale & 15) | ((minimum & 15) << 4));
            packed[j - 4] |= (byte) ((scale >> 4) << 6);
            packed[j] |= (byte) ((minimum >> 4) << 6);
        }
    }

    /** Fifth bits first (Q5_K only): bit 2·pair + half of byte i; then nibbles, of two neighbouring sub-blocks in one byte. */
    private static void writeQuants(int[] quants, int bits, MemorySegment target, long position) {
        long nibbles = position;
        if (bits == 5) {
            for (int i = 0; i < SUB_BLOCK; i++) {
                int high = 0;
                for (int j = 0; j < SUB_BLOCKS; j++) {
                    high |= (quants[j * SUB_BLOCK + i] >> 4) << j;
                }
                target.set(ValueLayout.JAVA_BYTE, position + i, (byte) high);
            }
            nibbles += SUB_BLOCK;
        }
        for (int i = 0; i < BLOCK / 2; i++) {
            int low = i / SUB_BLOCK * 2 * SUB_BLOCK + i % SUB_BLOCK;
            target.set(ValueLayout.JAVA_BYTE, nibbles + i, (byte) ((quants[low] & 15) | ((quants[low + SUB_BLOCK] & 15) << 4)));
        }
    }

    /** Q6_K: value = scale · quant, with quants from -32 to 31 and signed scales of sub-blocks of 16. */
    static void quantizeQ6(float[] values, int from, MemorySegment target, long position) {
        int[] quants = new int[BLOCK];
        float[] scales = new float[SMALL_BLOCKS];
        float largest = 0;
        for (int j = 0; j < SMALL_BLOCKS; j++) {
            scales[j] = symmetricScale(values, from + j * SMALL_BLOCK);
            if (Math.abs(scales[j]) > Math.abs(largest)) {
                largest = scales[j];
            }
        }
        long scalesAt = position + BLOCK / 2 + BLOCK / 4;
        long scaleAt = scalesAt + SMALL_BLOCKS;
        if (Math.abs(largest) < LEAST) {
            target.asSlice(position, scaleAt + 2 - position).fill((byte) 0);
            return;
        }
        float inverse = -128f / largest;
        short stored = Float.floatToFloat16(1 / inverse);
        target.set(GgufValue.SHORT, scaleAt, stored);
        for (int j = 0; j < SMALL_BLOCKS; j++) {
            int scale = Math.min(127, nearest(inverse * scales[j]));
            target.set(ValueLayout.JAVA_BYTE, scalesAt + j, (byte) scale);
            float step = Float.float16ToFloat(stored) * scale;
            for (int i = j * SMALL_BLOCK; i < (j + 1) * SMALL_BLOCK; i++) {
                quants[i] = step == 0 ? 0 : Math.clamp(nearest(values[from + i] / step), -32, 31) + 32;
            }
        }
        for (int i = 0; i < BLOCK / 4; i++) {
            int first = i / SUB_BLOCK * BLOCK / 2 + i % SUB_BLOCK; // of four values that share a byte of upper bits
            int second = first + SUB_BLOCK;
            int third = second + SUB_BLOCK;
            int fourth = third + SUB_BLOCK;
            long low = position + i / SUB_BLOCK * 2L * SUB_BLOCK + i % SUB_BLOCK;
            target.set(ValueLayout.JAVA_BYTE, low, (byte) ((quants[first] & 15) | ((quants[third] & 15) << 4)));
            target.set(ValueLayout.JAVA_BYTE, low + SUB_BLOCK, (byte) ((quants[second] & 15) | ((quants[fourth] & 15) << 4)));
            target.set(ValueLayout.JAVA_BYTE, position + BLOCK / 2 + i, (byte) (quants[first] >> 4 | quants[second] >> 4 << 2
                    | quants[third] >> 4 << 4 | quants[fourth] >> 4 << 6));
        }
    }

    /** Returns the best of 19 scales near the one that maps the value of largest magnitude to -32; errors are weighted by the squares of the values. */
    private static float symmetricScale(float[] values, int from) {
        float extreme = 0;
        for (int i = from; i < from + SMALL_BLOCK; i++) {
            extreme = Math.abs(values[i]) > Math.abs(extreme) ? values[i] : extreme;
        }
        if (Math.abs(extreme) < LEAST) {
            return 0;
        }
        float scale = 0;
        float best = 0;
        for (int attempt = 0; attempt < 19; attempt++) {
            int step = attempt == 0 ? 0 : attempt <= 9 ? attempt - 10 : attempt - 9;
            float inverse = -(32 + 0.1f * step) / extreme;
            float products = 0;
            float squares = 0;
            for (int i = from; i < from + SMALL_BLOCK; i++) {
                float x = values[i];
                int quant = Math.clamp(nearest(inverse * x), -32, 31);
                float weight = x * x;
                products += weight * x * quant;
                squares += weight * quant * quant;
            }
            if (squares > 0 && (attempt == 0 || products * products > best * squares)) {
                scale = products / squares;
                best = scale * products;
            }
        }
        return scale;
    }

    /** Rounds half to even, as ggml's nearest_int. */
    static int nearest(float value) {
        return (int) Math.rint(value);
    }
}
