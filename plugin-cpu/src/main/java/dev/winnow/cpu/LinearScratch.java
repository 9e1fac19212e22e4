package dev.winnow.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The memory of one worker. */
final class LinearScratch {

    /** Bytes of {@link #row}: scales for 16 blocks of 256 elements, 64 floats each. */
    static final int ROW_BYTES = 16 * 64 * Float.BYTES;

    private static final int CACHE_LINE = 64;

    final MemorySegment panel; // float[Panel.ROWS · Panel.COLUMNS]
    final MemorySegment row;
    final StripScratch strip = new StripScratch();
    final float[] edge = new float[Panel.TILE_TOKENS * Panel.TILE_ROWS];

    LinearScratch() {
        Arena arena = Arena.ofAuto();
        panel = arena.allocate((long) Panel.ROWS * Panel.COLUMNS * Float.BYTES, CACHE_LINE);
        row = arena.allocate(ROW_BYTES, CACHE_LINE);
    }
}
