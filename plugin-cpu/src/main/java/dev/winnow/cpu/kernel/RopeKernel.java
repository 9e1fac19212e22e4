package dev.winnow.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Rotations of pairs of dimensions: (a, b) ← (a·cos − b·sin, a·sin + b·cos). */
public final class RopeKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;

    /** 0 0 1 1 2 2 …: the first half of the lanes, each twice. */
    private static final VectorShuffle<Float> FIRST_HALF_TWICE = VectorShuffle.fromOp(FLOATS, lane -> lane / 2);

    /** The second half of the lanes, each twice. */
    private static final VectorShuffle<Float> SECOND_HALF_TWICE = VectorShuffle.fromOp(FLOATS, lane -> LANES / 2 + lane / 2);

    /** 1 0 3 2 5 4 …: neighbours change places. */
    private static final VectorShuffle<Float> NEIGHBOURS = VectorShuffle.fromOp(FLOATS, lane -> lane ^ 1);

    /** −1 1 −1 1 …. */
    private static final FloatVector SIGNS = FloatVector.broadcast(FLOATS, 1)
            .blend(-1, VectorMask.fromLong(FLOATS, 0x5555));

    private RopeKernel() {}

    /** Pairs are the dimensions i and i + pairs. */
    public static void rotateHalves(float[] x, int at, int pairs, float[] table, int tableAt) {
        int i = 0;
        for (; i <= pairs - LANES; i += LANES) {
            FloatVector cos = FloatVector.fromArray(FLOATS, table, tableAt + i);
            FloatVector sin = FloatVector.fromArray(FLOATS, table, tableAt + pairs + i);
            FloatVector a = FloatVector.fromArray(FLOATS, x, at + i);
            FloatVector b = FloatVector.fromArray(FLOATS, x, at + pairs + i);
            a.mul(cos).sub(b.mul(sin)).intoArray(x, at + i);
            a.mul(sin).add(b.mul(cos)).intoArray(x, at + pairs + i);
        }
        for (; i < pairs; i++) {
            rotate(x, at + i, at + pairs + i, table[tableAt + i], table[tableAt + pairs + i]);
        }
    }

    /** Pairs are the dimensions 2i and 2i + 1. Two vectors hold as many pairs as one vector holds angles. */
    public static void rotateNeighbours(float[] x, int at, int pairs, float[] table, int tableAt) {
        int i = 0;
        for (; i <= pairs - LANES; i += LANES) {
            FloatVector cos = FloatVector.fromArray(FLOATS, table, tableAt + i);
            FloatVector sin = FloatVector.fromArray(FLOATS, table, tableAt + pairs + i);
            int first = at + 2 * i;
            int second = first + LANES;
            FloatVector ab = FloatVector.fromArray(FLOATS, x, first);
            FloatVector ba = ab.rearrange(NEIGHBOURS).mul(SIGNS);
            ab.mul(cos.rearrange(FIRST_HALF_TWICE)).add(ba.mul(sin.rearrange(FIRST_HALF_TWICE))).intoArray(x, first);
            ab = FloatVector.fromArray(FLOATS, x, second);
            ba = ab.rearrange(NEIGHBOURS).mul(SIGNS);
            ab.mul(cos.rearrange(SECOND_HALF_TWICE)).add(ba.mul(sin.rearrange(SECOND_HALF_TWICE))).intoArray(x, second);
        }
        for (; i < pairs; i++) {
            rotate(x, at + 2 * i, at + 2 * i + 1, table[tableAt + i], table[tableAt + pairs + i]);
        }
    }

    private static void rotate(float[] x, int first, int second, float cos, float sin) {
        float a = x[first];
        float b = x[second];
        x[first] = a * cos - b * sin;
        x[second] = a * sin + b * cos;
    }
}
