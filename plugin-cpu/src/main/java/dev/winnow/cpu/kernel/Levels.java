package dev.winnow.cpu.kernel;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The levels of formats whose quants are numbers of levels that are not evenly spaced: as floats, which fill a vector of 512 bits, and as bytes with a
 * zero point for vectors of 128 or 256 bits. A permutation of 64 bytes is an instruction that the first generations of AVX-512 lack.
 */
final class Levels {

    /** The vectors of bytes: as long as all others, but at most 256 bits. */
    static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.min(256, 32 * VectorSupport.LANES)));

    /** The vectors of words with as many bits. */
    static final VectorSpecies<Integer> WORDS = BYTES.withLanes(int.class);

    private static final byte[] NON_LINEAR_LEVELS = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** Twice the values of the 4-bit float E2M1. */
    private static final byte[] E2M1_LEVELS = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    /** The levels of IQ4_NL and IQ4_XS plus 128, the first 16 bytes. */
    static final ByteVector NON_LINEAR_BYTES = bytes(NON_LINEAR_LEVELS, 128);

    /** The levels of MXFP4, in halves of its unit, plus 128. */
    static final ByteVector E2M1_BYTES = bytes(E2M1_LEVELS, 128);

    /** The levels of MXFP4, in halves of its unit, plus 16: less to be taken off sums again, where it costs accuracy. */
    static final ByteVector E2M1_SMALL_BYTES = bytes(E2M1_LEVELS, 16);

    /** The bits of the levels of IQ4_NL and IQ4_XS as floats, as many as there are lanes. */
    static final IntVector NON_LINEAR_FLOATS = floats(NON_LINEAR_LEVELS);

    /** The bits of the levels of MXFP4, in halves of its unit, as floats. */
    static final IntVector E2M1_FLOATS = floats(E2M1_LEVELS);

    private Levels() {}

    private static ByteVector bytes(byte[] levels, int zero) {
        byte[] lanes = new byte[BYTES.length()];
        for (int i = 0; i < levels.length; i++) {
            lanes[i] = (byte) (levels[i] + zero);
        }
        return ByteVector.fromArray(BYTES, lanes, 0);
    }

    private static IntVector floats(byte[] levels) {
        int[] lanes = new int[VectorSupport.LANES];
        for (int lane = 0; lane < lanes.length; lane++) {
            lanes[lane] = Float.floatToRawIntBits(levels[lane]);
        }
        return IntVector.fromArray(VectorSupport.INTS, lanes, 0);
    }
}
