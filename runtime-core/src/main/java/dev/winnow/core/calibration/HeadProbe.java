package dev.winnow.core.calibration;

import dev.winnow.core.reference.ReferenceScore;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerContext;
import dev.winnow.spi.RefinerDecision;
import java.util.Arrays;
import java.util.List;

/**
 * A refiner that removes nothing, and measures on some tiles what the attention output of each head would be if another refiner removed keys at each of several
 * levels. Levels are nested, so one pass over the keys is enough: each key's part goes to the lowest level that keeps it, and a level's output is the sum of the
 * parts up to it.
 */
final class HeadProbe implements MaskRefiner {

    /** One of this many tiles is measured, shifted from layer to layer so that all positions count. */
    private static final int TILE_STRIDE = 8;

    /** Rows of a measured tile, spread evenly. */
    private static final int ROWS = 4;

    private final MaskRefiner[] levels; // by level, without the highest, which keeps everything
    private final HeadDamage damage;
    private final int fromPosition;
    private final Scratch[] workers;

    /**
     * Creates the probe of a session.
     *
     * @param decisions    by level, without the highest
     * @param fromPosition tiles before are not measured
     */
    HeadProbe(List<RefinerDecision.Applies> decisions, RefinerContext context, HeadDamage damage, int fromPosition) {
        this.levels = decisions.stream().map(decision -> decision.factory().create(context)).toArray(MaskRefiner[]::new);
        this.damage = damage;
        this.fromPosition = fromPosition;
        this.workers = new Scratch[context.workers()];
        Arrays.setAll(workers, worker -> new Scratch());
    }

    /** What one worker needs. */
    private static final class Scratch {
        private final AttentionMask mask = new AttentionMask();
        private byte[][] lowest = new byte[0][]; // [heads · ROWS][keys], the lowest level that keeps a key
        private double[] scores = new double[0]; // [keys]
        private float[] keys = new float[0]; // [keys][keyDim], of the tile at hand: converting them anew for each row would take most of the time
        private float[] values = new float[0]; // [keys][valueDim]

        /** Makes room, with some to grow. */
        void reserve(int rows, int keyCount, LayerSpec.Attention attention) {
            if (lowest.length < rows || lowest[0].length < keyCount) {
                lowest = new byte[rows][keyCount + 1024];
            }
            if (scores.length < keyCount) {
                scores = new double[keyCount + 1024];
            }
            if (keys.length < keyCount * attention.keyDim() || values.length < keyCount * attention.valueDim()) {
                keys = new float[(keyCount + 1024) * attention.keyDim()];
                values = new float[(keyCount + 1024) * attention.valueDim()];
            }
        }

        void read(KeyValues keyValues) {
            for (int key = keyValues.firstPage() * KeyValues.PAGE_KEYS; key < keyValues.keyCount(); key++) {
                keyValues.copyKey(key, keys, key * keyValues.keyDim());
                keyValues.copyValue(key, values, key * keyValues.valueDim());
            }
        }
    }

    @Override
    public boolean engages(LayerSpec layer, AttentionPhase phase, int keyCount) {
        return phase == AttentionPhase.PREFILL && levels[0].engages(layer, phase, keyCount);
    }

    @Override
    public void keysAppended(LayerSpec layer, int kvHead, KeyValues keyValues, int from, int to) {
        for (MaskRefiner level : levels) {
            level.keysAppended(layer, kvHead, keyValues, from, to);
        }
    }

    @Override
    public void truncated(int length) {
        for (MaskRefiner level : levels) {
            level.truncated(length);
        }
    }

    @Override
    public void beginLayer(LayerSpec layer, AttentionPhase phase, int firstPosition, int positionCount) {
        for (MaskRefiner level : levels) {
            level.beginLayer(layer, phase, firstPosition, positionCount);
        }
    }

    @Override
    public void refine(AttentionTile tile, AttentionMask mask) {
        int number = tile.firstPosition() / AttentionTile.MAX_POSITIONS;
        if (tile.firstPosition() < fromPosition || tile.positionCount() < AttentionTile.MAX_POSITIONS
                || (number + tile.layer().index() + tile.kvHead()) % TILE_STRIDE != 0) {
            return;
        }
        Scratch scratch = workers[tile.worker()];
        int rows = tile.headCount() * ROWS;
        scratch.reserve(rows, mask.keyCount(), tile.layer().attention());
        scratch.read(tile.keyValues());
        findLowest(tile, mask, scratch);
        for (int row = 0; row < rows; row++) {
            measure(tile, mask, row / ROWS, query(tile, row % ROWS), scratch.lowest[row], scratch);
        }
    }

    private static int query(AttentionTile tile, int row) {
        return (2 * row + 1) * tile.positionCount() / (2 * ROWS);
    }

    private void findLowest(AttentionTile tile, AttentionMask base, Scratch scratch) {
        int rows = tile.headCount() * ROWS;
        for (int row = 0; row < rows; row++) {
            Arrays.fill(scratch.lowest[row], 0, base.keyCount(), (byte) levels.length);
        }
        for (int level = levels.length - 1; level >= 0; level--) {
            AttentionMask mask = scratch.mask;
            mask.reset(base.base(), base.headCount(), base.firstPosition(), base.queryCount(),
                    tile.keyValues().firstPage() * KeyValues.PAGE_KEYS, base.keyCount());
            levels[level].refine(tile, mask);
            mask.seal();
            for (int row = 0; row < rows; row++) {
                int query = query(tile, row % ROWS);
                for (int block = 0; block < mask.blockCount(); block++) {
                    for (long word = mask.word(row / ROWS, query, block); word != 0; word &= word - 1) {
                        scratch.lowest[row][block * AttentionMask.BLOCK_KEYS + Long.numberOfTrailingZeros(word)] = (byte) level;
                    }
                }
            }
        }
    }

    private void measure(AttentionTile tile, AttentionMask mask, int head, int query, byte[] lowest, Scratch scratch) {
        LayerSpec.Attention attention = tile.layer().attention();
        int visible = tile.firstPosition() + query + 1;
        double top = score(tile, mask, head, query, visible, scratch);
        int dim = attention.valueDim();
        int count = levels.length + 1;
        double[][] sums = new double[count][dim];
        double[] weights = new double[count];
        double[] kept = new double[count];
        for (int key = 0; key < visible; key++) {
            if (!mask.keeps(head, query, key)) {
                continue;
            }
            double weight = Math.exp(scratch.scores[key] - top);
            int level = lowest[key];
            weights[level] += weight;
            kept[level]++;
            double[] sum = sums[level];
            for (int c = 0, at = key * dim; c < dim; c++, at++) {
                sum[c] += weight * scratch.values[at];
            }
        }
        for (int level = 1; level < count; level++) {
            weights[level] += weights[level - 1];
            kept[level] += kept[level - 1];
            for (int c = 0; c < dim; c++) {
                sums[level][c] += sums[level - 1][c];
            }
        }
        double[] errors = new double[count];
        double output = 0;
        for (int c = 0; c < dim; c++) {
            double dense = sums[count - 1][c] / weights[count - 1];
            output += dense * dense;
            for (int level = 0; level < count; level++) {
                double difference = (weights[level] == 0 ? 0 : sums[level][c] / weights[level]) - dense;
                errors[level] += difference * difference;
            }
        }
        double all = kept[count - 1]; // 1 or more: a row sees its own key
        for (int level = 0; level < count; level++) {
            kept[level] /= all;
        }
        damage.add(tile.layer().index(), tile.firstHead() + head, output, errors, kept);
    }

    /** Computes the scores of the keys that a row keeps, and returns the largest. */
    private static double score(AttentionTile tile, AttentionMask mask, int head, int query, int visible, Scratch scratch) {
        LayerSpec.Attention attention = tile.layer().attention();
        double top = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < visible; j++) {
            if (mask.keeps(head, query, j)) {
                scratch.scores[j] = ReferenceScore.of(attention, tile.queries(), tile.queryOffset(head, query), scratch.keys,
                        j * attention.keyDim());
                top = Math.max(top, scratch.scores[j]);
            }
        }
        return top;
    }

    @Override
    public void close() {
        for (MaskRefiner level : levels) {
            level.close();
        }
    }
}
