package dev.winnow.cpu.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** The memory of one worker, outside the heap where vectors are to begin with a cache line. */
public final class LinearScratch {

    private static final int CACHE_LINE = 64;

    public final MemorySegment panel; // float[Panel.ROWS · Panel.COLUMNS]
    public final float[] sums = new float[RowKernel.SCRATCH + RowKernel.SCRATCH_SIZE]; // [row][lane], and scratch memory
    public final StripScratch strip = new StripScratch();
    public final float[] edge = new float[Panel.TILE_TOKENS * Panel.TILE_ROWS];

    public LinearScratch() {
        Arena arena = Arena.ofAuto();
        panel = arena.allocate((long) Panel.ROWS * Panel.COLUMNS * Float.BYTES, CACHE_LINE);
    }

    /** Writes the outputs of a row kernel: the sums of lanes of each row. */
    public void addLanes(int rows, float[] out, int outOffset) {
        for (int i = 0; i < rows; i++) {
            out[outOffset + i] = VectorSupport.sumLanes(FloatVector.fromArray(VectorSupport.FLOATS, sums, i * VectorSupport.LANES));
        }
    }
}
