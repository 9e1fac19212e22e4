package dev.winnow.cpu;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import java.util.Arrays;
import java.util.List;

/**
 * Flash attention that does work only for live keys. Key blocks are the outer loop and heads the inner one, so that a page is decoded once for all heads that
 * share it. A block with few live columns is not computed as a block: its live columns are gathered, head by head, into panels of 64.
 */
final class CpuAttention implements AttentionBackend {

    /** Up to so many live columns, gathering them costs less than computing the dead ones beside them. */
    private static final int MOST_GATHERED = 24;

    private static final int KEYS = KeyValues.PAGE_KEYS;

    private final Scratch[] scratch; // [workers]

    CpuAttention(int workers) {
        scratch = new Scratch[workers];
        Arrays.setAll(scratch, worker -> new Scratch());
    }

    /** The memory of one worker. */
    private static final class Scratch {
        private final KeyPanel page = new KeyPanel();
        private final float[] scores = new float[AttentionTile.MAX_POSITIONS * KEYS]; // [query][key]
        private final float[] factors = new float[AttentionTile.MAX_POSITIONS]; // [query]
        private KeyPanel[] gathered = new KeyPanel[0]; // [head]
        private float[] queries = new float[0]; // [head][query][keyDim], scaled
        private long panels; // computed so far, the unit of cost

        void reserve(AttentionTile tile) {
            LayerSpec.Attention spec = tile.layer().attention();
            page.reserve(spec.keyDim(), spec.valueDim());
            if (gathered.length < tile.headCount()) {
                int known = gathered.length;
                gathered = Arrays.copyOf(gathered, tile.headCount());
                for (int i = known; i < gathered.length; i++) {
                    gathered[i] = new KeyPanel();
                }
            }
            int size = tile.headCount() * tile.positionCount() * spec.keyDim();
            if (queries.length < size) {
                queries = new float[size];
            }
        }
    }

    @Override
    public List<String> unsupported(LayerSpec layer, KvType type) {
        return List.of();
    }

    /** Returns the number of panels of 64 keys that were computed so far, for the test of the law of cost. */
    long panels() {
        return Arrays.stream(scratch).mapToLong(memory -> memory.panels).sum();
    }

    @Override
    public void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, AttentionAccumulator target) {
        Scratch memory = scratch[tile.worker()];
        memory.reserve(tile);
        loadQueries(tile, memory);
        int heads = tile.headCount();
        int queries = tile.positionCount();
        LayerSpec.Attention spec = tile.layer().attention();
        for (int head = 0; head < heads; head++) {
            memory.gathered[head].clear(queries);
        }
        for (int block = firstBlock; block < endBlock; block++) {
            boolean decoded = false;
            for (int head = 0; head < heads; head++) {
                int state = mask.state(head, block);
                if (state == AttentionMask.EMPTY) {
                    continue;
                }
                if (!decoded) {
                    PageDecoder.keys(tile.keyValues(), block, memory.page.keys);
                    PageDecoder.values(tile.keyValues(), block, memory.page.values);
                    decoded = true;
                }
                mask.copyWords(head, block, memory.page.words, 0);
                long columns = mask.columns(head, block);
                if (Long.bitCount(columns) <= MOST_GATHERED) {
                    gather(tile, memory, head, columns, spec, target);
                } else {
                    panel(memory, memory.page, KEYS, head, queries, spec, target);
                }
            }
        }
        for (int head = 0; head < heads; head++) {
            if (memory.gathered[head].size > 0) {
                panel(memory, memory.gathered[head], memory.gathered[head].size, head, queries, spec, target);
            }
        }
    }

    private static void loadQueries(AttentionTile tile, Scratch memory) {
        LayerSpec.Attention spec = tile.layer().attention();
        int to = 0;
        for (int head = 0; head < tile.headCount(); head++) {
            for (int query = 0; query < tile.positionCount(); query++) {
                int from = tile.queryOffset(head, query);
                for (int c = 0; c < spec.keyDim(); c++) {
                    memory.queries[to++] = tile.queries()[from + c] * spec.scale();
                }
            }
        }
    }

    private static void gather(AttentionTile tile, Scratch memory, int head, long columns, LayerSpec.Attention spec,
            AttentionAccumulator target) {
        KeyPanel panel = memory.gathered[head];
        panel.reserve(spec.keyDim(), spec.valueDim());
        for (long left = columns; left != 0; left &= left - 1) {
            panel.gather(memory.page, Long.numberOfTrailingZeros(left), spec.keyDim(), spec.valueDim(), tile.positionCount());
            if (panel.isFull()) {
                panel(memory, panel, KEYS, head, tile.positionCount(), spec, target);
                panel.clear(tile.positionCount());
            }
        }
    }

    /** One head's rows and one panel: scores, softmax, outputs. */
    private static void panel(Scratch memory, KeyPanel panel, int keys, int head, int queries, LayerSpec.Attention spec,
            AttentionAccumulator target) {
        memory.panels++;
        int firstRow = head * queries;
        ScoreKernel.compute(memory.queries, firstRow * spec.keyDim(), queries, spec.keyDim(), panel.keys, memory.scores);
        for (int query = 0; query < queries; query++) {
            memory.factors[query] = SoftmaxKernel.row(memory.scores, query * KEYS, panel.words[query], spec.softcap(), target.max(),
                    target.sum(),
                    firstRow + query);
        }
        ValueKernel.add(memory.scores, queries, keys, panel.values, spec.valueDim(), memory.factors, target.values(),
                firstRow * spec.valueDim());
    }
}
