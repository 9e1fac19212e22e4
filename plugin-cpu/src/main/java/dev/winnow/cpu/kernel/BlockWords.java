package dev.winnow.cpu.kernel;

import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Brings the packed quants of neighbouring blocks of 32 elements, 4 words of 32 bits each, side by side into a vector: 4 blocks with 512 bits, 2 with 256, one
 * with 128. Between them lie the scales, so the words of 512 bits are picked out of two overlapping loads by a permutation, in units of 16 or 32 bits as the
 * format's alignment allows; narrower vectors, whose permutations are expensive on AVX2, are blended from one load for each block.
 *
 * <p>Kernels repeat these loads: a method that returns a vector is not inlined any more once a kernel has grown to the number of nodes at which C2 stops, and
 * then every vector is allocated. What the JDK itself marks to be inlined always is.
 */
final class BlockWords {

    /** The short vectors with as many bits as all others. */
    static final VectorSpecies<Short> SHORTS = VectorSupport.INTS.withLanes(short.class);

    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;

    // The lanes from the second, third and fourth block on.
    static final VectorMask<Integer> FROM_SECOND = VectorMask.fromLong(INTS, 0xfff0);
    static final VectorMask<Integer> FROM_THIRD = VectorMask.fromLong(INTS, 0xff00);
    static final VectorMask<Integer> FROM_FOURTH = VectorMask.fromLong(INTS, 0xf000);

    private BlockWords() {}

    /** Returns the number of the word that has a byte of the block of each lane, in a load that begins with the first block. */
    static IntVector wordOfBlock(int blockBytes, int position) {
        int[] words = new int[LANES];
        Arrays.setAll(words, lane -> (lane / 4 * blockBytes + position) / 4);
        return IntVector.fromArray(INTS, words, 0);
    }

    /** Returns the distances by which the 16 bits at an even position of each block are to be moved in that word to be its upper ones. */
    static IntVector shiftToTop(int blockBytes, int position) {
        int[] shifts = new int[LANES];
        Arrays.setAll(shifts, lane -> 16 - (lane / 4 * blockBytes + position) % 4 * 8);
        return IntVector.fromArray(INTS, shifts, 0);
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
