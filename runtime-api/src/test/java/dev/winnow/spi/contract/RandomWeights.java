package dev.winnow.spi.contract;

import dev.winnow.spi.GgmlType;
import dev.winnow.spi.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;

/** Weight matrices of any type with every bit of the quants random and scales that are finite, of both signs and of different sizes. */
public final class RandomWeights {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private RandomWeights() {}

    /**
     * Returns a matrix outside the heap.
     *
     * @param misalignment number of bytes by which the data miss the alignment of a cache line
     */
    public static WeightMatrix matrix(Arena arena, GgmlType type, int rows, int columns, int misalignment, long seed) {
        long bytes = rows * type.byteSize(columns);
        MemorySegment data = arena.allocate(bytes + misalignment, 64).asSlice(misalignment);
        Random random = new Random(seed);
        for (long i = 0; i < bytes; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        for (long block = 0; block < bytes; block += type.blockBytes()) {
            setScales(type, data, block, random);
        }
        return new WeightMatrix(type + " " + rows + "x" + columns, type, rows, columns, data);
    }

    private static void setScales(GgmlType type, MemorySegment data, long block, Random random) {
        switch (type) {
            case F32 -> data.set(FLOAT, block, (float) random.nextGaussian());
            case F16 -> data.set(SHORT, block, Float.floatToFloat16((float) random.nextGaussian()));
            case BF16 -> data.set(SHORT, block, (short) (Float.floatToRawIntBits((float) random.nextGaussian()) >> 16));
            case MXFP4 -> data.set(ValueLayout.JAVA_BYTE, block, (byte) (120 + random.nextInt(10)));
            case Q4_0, Q5_0, Q8_0, IQ4_NL, IQ4_XS -> setHalf(data, block, random);
            case Q4_1, Q5_1, Q4_K, Q5_K -> {
                setHalf(data, block, random);
                setHalf(data, block + 2, random);
            }
            case Q2_K -> {
                setHalf(data, block + 80, random);
                setHalf(data, block + 82, random);
            }
            case Q3_K -> setHalf(data, block + 108, random);
            case Q6_K -> setHalf(data, block + 208, random);
        }
    }

    /** Every eighth scale is a subnormal number, as they occur in models. */
    private static void setHalf(MemorySegment data, long offset, Random random) {
        float value = random.nextInt(8) == 0 ? 0x1p-16f : 0.25f;
        data.set(SHORT, offset, Float.floatToFloat16(value * (2 * random.nextFloat() - 1)));
    }
}
