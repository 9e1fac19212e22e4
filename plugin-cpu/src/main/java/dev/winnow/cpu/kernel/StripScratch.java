package dev.winnow.cpu.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** What the decoders of strips keep between their steps, for up to {@value StripDecoder#CHUNK} columns. */
public final class StripScratch {

    private static final int LANES = VectorSupport.LANES;

    /** Quants as they are stored: [word][row]. */
    final int[] words = new int[64 * LANES];

    /** Their higher bits, if they are stored apart: [word][row]. */
    final int[] highs = new int[16 * LANES];

    /** Quants as unsigned bytes, four in a word, in the order of the columns: [column / 4][row]. */
    final int[] bytes = new int[64 * LANES];

    /** Scales: [group][row]. */
    final float[] scales = new float[16 * LANES];

    /** What is added to a scaled quant: [group][row]. */
    final float[] mins = new float[16 * LANES];

    /** Writes {@code quant · scale + min} for columns in groups of {@code groupSize}, which is 16 or 32, in a single rounding as ggml's own values have if the minimum is a multiple of the scale. */
    void store(int columns, int groupSize, MemorySegment panel, long target) {
        MemorySegment out = VectorSupport.view(panel);
        long to = (VectorSupport.base(panel) + target) & VectorSupport.ADDRESSES;
        int wordsOfGroup = groupSize / 4;
        for (int word = 0; word < columns / 4; word++) {
            FloatVector scale = FloatVector.fromArray(VectorSupport.FLOATS, scales, word / wordsOfGroup * LANES);
            FloatVector min = FloatVector.fromArray(VectorSupport.FLOATS, mins, word / wordsOfGroup * LANES);
            IntVector four = IntVector.fromArray(VectorSupport.INTS, bytes, word * LANES);
            long column = to + (long) (4 * word) * Panel.COLUMN_BYTES;
            ((FloatVector) four.and(255).convert(VectorOperators.I2F, 0)).fma(scale, min).intoMemorySegment(out, column, LITTLE_ENDIAN);
            ((FloatVector) four.lanewise(VectorOperators.LSHR, 8).and(255).convert(VectorOperators.I2F, 0)).fma(scale, min)
                    .intoMemorySegment(out, column + Panel.COLUMN_BYTES, LITTLE_ENDIAN);
            ((FloatVector) four.lanewise(VectorOperators.LSHR, 16).and(255).convert(VectorOperators.I2F, 0)).fma(scale, min)
                    .intoMemorySegment(out, column + 2 * Panel.COLUMN_BYTES, LITTLE_ENDIAN);
            ((FloatVector) four.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0)).fma(scale, min)
                    .intoMemorySegment(out, column + 3 * Panel.COLUMN_BYTES, LITTLE_ENDIAN);
        }
    }
}
