package dev.winnow.cpu.kernel;

import dev.winnow.spi.AttentionMask;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The online softmax (Milakov and Gimelshein 2018) over one block of 64 scores per row: turns scores into weights 2^(s − m), where m is the largest score of
 * the row so far, and rescales what was summed with a smaller m. Scores are in units of log2, so that no multiplication stands before the exponential.
 */
public final class OnlineSoftmax {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    /** Lane i has bit i. */
    private static final IntVector LANE_BITS = IntVector.broadcast(VectorSupport.INTS, 1)
            .lanewise(VectorOperators.LSHL, IntVector.zero(VectorSupport.INTS).addIndex(1));

    private OnlineSoftmax() {}

    /** Sets the scores of a row to −∞ where the bit of the key is not set. */
    public static void mask(float[] scores, int at, long word) {
        for (int key = 0; key < BLOCK; key += LANES) {
            FloatVector s = FloatVector.fromArray(FLOATS, scores, at + key);
            IntVector bits = LANE_BITS.and((int) (word >>> key));
            s.blend(Float.NEGATIVE_INFINITY, bits.eq(0).cast(FLOATS)).intoArray(scores, at + key);
        }
    }

    /** Returns the largest of the 64 scores of a row. NaN are passed over, so that −∞ may stand for scores that are all −∞ or NaN. */
    public static float max(float[] scores, int at) {
        FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int key = 0; key < BLOCK; key += LANES) {
            FloatVector s = FloatVector.fromArray(FLOATS, scores, at + key);
            max = max.blend(s, s.compare(VectorOperators.GT, max)); // max() of NaN and −0 takes five instructions
        }
        // The bits of a float, with all but the sign inverted in negative ones, are ordered like integers; an integer maximum is one instruction.
        IntVector bits = max.reinterpretAsInts();
        IntVector ordered = bits.lanewise(VectorOperators.ASHR, 31).lanewise(VectorOperators.AND, Integer.MAX_VALUE)
                .lanewise(VectorOperators.XOR, bits);
        int top = ordered.reduceLanes(VectorOperators.MAX);
        return Float.intBitsToFloat(top ^ ((top >> 31) & Integer.MAX_VALUE));
    }

    /** Returns whether one of the 64 scores of a row is NaN. */
    public static boolean hasNaN(float[] scores, int at) {
        for (int key = 0; key < BLOCK; key += LANES) {
            FloatVector s = FloatVector.fromArray(FLOATS, scores, at + key);
            if (s.compare(VectorOperators.NE, s).anyTrue()) {
                return true;
            }
        }
        return false;
    }

    /** Replaces the 64 scores of a row by weights 2^(s − max), exactly 0 for −∞ and NaN for NaN, and adds them to the vector {@code sums[sumAt …]}. */
    public static void weigh(float[] scores, int at, float max, float[] sums, int sumAt) {
        FloatVector sum = FloatVector.fromArray(FLOATS, sums, sumAt);
        for (int key = 0; key < BLOCK; key += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, scores, at + key).sub(max);
            FloatVector rounded = x.add(VectorMath.ROUND);
            FloatVector f = x.sub(rounded.sub(VectorMath.ROUND));
            FloatVector p = f.fma(FloatVector.broadcast(FLOATS, VectorMath.EXP2_6), FloatVector.broadcast(FLOATS, VectorMath.EXP2_5));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_4));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_3));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_2));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_1));
            p = p.fma(f, FloatVector.broadcast(FLOATS, 1));
            p = p.reinterpretAsInts().add(rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, VectorMath.EXPONENT_SHIFT))
                    .reinterpretAsFloats().blend(0, x.compare(VectorOperators.LT, VectorMath.EXP2_MIN));
            sum = p.add(sum);
            p.intoArray(scores, at + key);
        }
        sum.intoArray(sums, sumAt);
    }
}
