package dev.winnow.core.reference;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import java.util.Arrays;
import java.util.List;

/** softmax(QKᵀ)V row by row from the definition, in double precision: all scores of a row, then their maximum, then the sums. */
final class ReferenceAttention implements AttentionBackend {

    private final Scratch[] scratch;

    ReferenceAttention(int workers) {
        scratch = new Scratch[workers];
        Arrays.setAll(scratch, worker -> new Scratch());
    }

    @Override
    public List<String> unsupported(LayerSpec layer, KvType type) {
        return List.of();
    }

    @Override
    public void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, AttentionAccumulator target) {
        Scratch memory = scratch[tile.worker()];
        KeyValues keyValues = tile.keyValues();
        int from = firstBlock * AttentionMask.BLOCK_KEYS;
        int to = Math.min(endBlock * AttentionMask.BLOCK_KEYS, keyValues.keyCount());
        memory.load(keyValues, tile, mask, from, to);
        for (int head = 0; head < tile.headCount(); head++) {
            for (int query = 0; query < tile.positionCount(); query++) {
                attendRow(tile, mask, head, query, from, to, memory, target);
            }
        }
    }

    private static void attendRow(AttentionTile tile, AttentionMask mask, int head, int query, int from, int to, Scratch memory,
            AttentionAccumulator target) {
        LayerSpec.Attention spec = tile.layer().attention();
        double max = Double.NEGATIVE_INFINITY;
        for (int key = from; key < to; key++) {
            if (mask.keeps(head, query, key)) {
                memory.scores[key - from] = ReferenceScore.of(spec, tile.queries(), tile.queryOffset(head, query), memory.keys,
                        (key - from) * spec.keyDim());
                max = Math.max(max, memory.scores[key - from]);
            }
        }
        int row = head * tile.positionCount() + query;
        double sum = 0;
        Arrays.fill(memory.output, 0, spec.valueDim(), 0);
        for (int key = from; key < to && max != Double.NEGATIVE_INFINITY; key++) {
            if (mask.keeps(head, query, key)) {
                double weight = Math.exp(memory.scores[key - from] - (float) max);
                sum += weight;
                for (int c = 0; c < spec.valueDim(); c++) {
                    memory.output[c] += weight * memory.values[(key - from) * spec.valueDim() + c];
                }
            }
        }
        target.max()[row] = (float) max;
        target.sum()[row] = (float) sum;
        for (int c = 0; c < spec.valueDim(); c++) {
            target.values()[row * spec.valueDim() + c] = (float) memory.output[c];
        }
    }

    private static final class Scratch {

        private float[] keys = new float[0]; // [key][keyDim]
        private float[] values = new float[0]; // [key][valueDim]
        private double[] scores = new double[0]; // [key]
        private double[] output = new double[0]; // [valueDim]

        void load(KeyValues keyValues, AttentionTile tile, AttentionMask mask, int from, int to) {
            int count = Math.max(0, to - from);
            if (scores.length < count || keys.length < count * keyValues.keyDim() || values.length < count * keyValues.valueDim()) {
                int capacity = Math.max(2 * scores.length, count);
                keys = new float[capacity * keyValues.keyDim()];
                values = new float[capacity * keyValues.valueDim()];
                scores = new double[capacity];
            }
            if (output.length < keyValues.valueDim()) {
                output = new double[keyValues.valueDim()];
            }
            for (int key = from; key < to; key++) {
                if (anyHeadKeeps(tile, mask, key)) {
                    keyValues.copyKey(key, keys, (key - from) * keyValues.keyDim());
                    keyValues.copyValue(key, values, (key - from) * keyValues.valueDim());
                }
            }
        }

        private static boolean anyHeadKeeps(AttentionTile tile, AttentionMask mask, int key) {
            for (int head = 0; head < tile.headCount(); head++) {
                if ((mask.columns(head, key / AttentionMask.BLOCK_KEYS) >>> (key % AttentionMask.BLOCK_KEYS) & 1) != 0) {
                    return true;
                }
            }
            return false;
        }
    }
}
