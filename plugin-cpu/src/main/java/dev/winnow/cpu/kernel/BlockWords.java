package dev.winnow.cpu.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Brings the packed quants of neighbouring blocks of 32 elements, 4 words of 32 bits each, side by side into a vector: 4 blocks with 512 bits, 2 with 256, one
 * with 128. Between them lie the scales, so the words of 512 bits are picked out of two overlapping loads by a permutation, in units of 16 or 32 bits as the
 * format's alignment allows; narrower vectors, whose permutations are expensive on AVX2, are blended from one load for each block.
 */
final class BlockWords {

    /** The short vectors with as many bits as all others. */
    static final VectorSpecies<Short> SHORTS = VectorSupport.INTS.withLanes(short.class);

    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final VectorMask<Integer> FROM_SECOND = VectorMask.fromLong(INTS, 0xfff0);
    private static final VectorMask<Integer> FROM_THIRD = VectorMask.fromLong(INTS, 0xff00);
    private static final VectorMask<Integer> FROM_FOURTH = VectorMask.fromLong(INTS, 0xf000);

    private BlockWords() {}

    /** Loads the words of neighbouring blocks, one load for each block; the first is at {@code at}. */
    static IntVector load(MemorySegment memory, long at, int blockBytes) {
        IntVector words = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
        int step = blockBytes - 16;
        if (LANES > 4) {
            words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + step, LITTLE_ENDIAN), FROM_SECOND);
        }
        if (LANES > 8) {
            words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 2L * step, LITTLE_ENDIAN), FROM_THIRD)
                    .blend(IntVector.fromMemorySegment(INTS, memory, at + 3L * step, LITTLE_ENDIAN), FROM_FOURTH);
        }
        return words;
    }

    /** Broadcasts a word of each block to the lanes of its block; the first is at {@code at}. */
    static IntVector broadcast(MemorySegment memory, long at, int blockBytes) {
        IntVector words = IntVector.broadcast(INTS, WeightBytes.int32(memory, at));
        if (LANES > 4) {
            words = words.blend(IntVector.broadcast(INTS, WeightBytes.int32(memory, at + blockBytes)), FROM_SECOND);
        }
        if (LANES > 8) {
            words = words.blend(IntVector.broadcast(INTS, WeightBytes.int32(memory, at + 2L * blockBytes)), FROM_THIRD)
                    .blend(IntVector.broadcast(INTS, WeightBytes.int32(memory, at + 3L * blockBytes)), FROM_FOURTH);
        }
        return words;
    }

    /**
     * Returns indexes that pick 32-bit words out of two overlapping loads of 512 bits.
     *
     * @param blockWords  words of a block
     * @param first       the first word that is wanted of each block
     * @param step        distance of the words for the four lanes of a block: 1, or 0 for the same word
     * @param secondStart word at which the second load begins
     */
    static IntVector pickInts(int blockWords, int first, int step, int secondStart) {
        int[] indexes = new int[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            int word = lane / 4 * blockWords + first + lane % 4 * step;
            indexes[lane] = word < LANES ? word : LANES + word - secondStart;
        }
        return IntVector.fromArray(INTS, indexes, 0);
    }

    /** As {@link #pickInts} in units of 16 bits; each word of the result is two neighbouring shorts, or twice the same if {@code twice}. */
    static ShortVector pickShorts(int blockShorts, int first, int step, boolean twice, int secondStart) {
        short[] indexes = new short[2 * LANES];
        for (int i = 0; i < indexes.length; i++) {
            int unit = i / 8 * blockShorts + first + i / 2 % 4 * step + (twice ? 0 : i % 2);
            indexes[i] = (short) (unit < 2 * LANES ? unit : 2 * LANES + unit - secondStart);
        }
        return ShortVector.fromArray(SHORTS, indexes, 0);
    }
}
