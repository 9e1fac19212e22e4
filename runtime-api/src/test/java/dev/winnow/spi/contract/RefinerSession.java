package dev.winnow.spi.contract;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerContext;
import dev.winnow.spi.RefinerDecision;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Drives a refiner as the runtime does, on random keys and queries that depend on nothing but text, layer, head and position: sessions with the same text have the
 * same keys, however they came to have them.
 */
final class RefinerSession {

    private final List<LayerSpec> layers;
    private final MaskRefiner refiner;
    private final AttentionMask[] masks; // [workers]
    private final List<List<InMemoryKeyValues>> keyValues = new ArrayList<>(); // [layer][kvHead]
    private int length;
    private int text;

    RefinerSession(RefinerDecision.Applies decision, List<LayerSpec> layers, int contextLength, int workers) {
        this.layers = layers;
        this.refiner = decision.factory()
                .create(new RefinerContext(layers, contextLength, workers, new PlainProducts(), new PlainElementwise()));
        this.masks = new AttentionMask[workers];
        for (int worker = 0; worker < workers; worker++) {
            masks[worker] = new AttentionMask();
        }
        for (LayerSpec layer : layers) {
            List<InMemoryKeyValues> ofLayer = new ArrayList<>();
            for (int head = 0; head < layer.attention().headCountKv(); head++) {
                ofLayer.add(new InMemoryKeyValues(KvType.F16, layer.attention().keyDim(), layer.attention().valueDim()));
            }
            keyValues.add(ofLayer);
        }
    }

    MaskRefiner refiner() {
        return refiner;
    }

    InMemoryKeyValues keyValues(int layer, int kvHead) {
        return keyValues.get(layer).get(kvHead);
    }

    /** Chooses the text that is appended from now on. */
    void continueWith(int newText) {
        text = newText;
    }

    /** Appends a chunk and returns the masks of its tiles, layer by layer, drawn as text. */
    List<String> append(int count, AttentionPhase phase) {
        List<String> drawn = new ArrayList<>();
        int from = length;
        for (LayerSpec layer : layers) {
            store(layer, from, from + count);
            tell(layer, from, from + count);
            if (refiner.engages(layer, phase, from + count)) {
                refiner.beginLayer(layer, phase, from, count);
            }
            drawn.addAll(refineTiles(layer, phase, from, count));
        }
        length += count;
        return drawn;
    }

    /** Appends keys that the refiner is not told of. */
    void appendUntold(int count) {
        for (LayerSpec layer : layers) {
            store(layer, length, length + count);
        }
        length += count;
    }

    /** Tells the refiner of all keys at once, as after a fork. */
    void tellAll() {
        for (LayerSpec layer : layers) {
            tell(layer, 0, length);
        }
    }

    void truncate(int newLength) {
        keyValues.forEach(ofLayer -> ofLayer.forEach(ofHead -> ofHead.truncate(newLength)));
        refiner.truncated(newLength);
        length = newLength;
    }

    private void store(LayerSpec layer, int from, int to) {
        for (int head = 0; head < layer.attention().headCountKv(); head++) {
            for (int position = from; position < to; position++) {
                float[] key = vector(layer, head, position, layer.attention().keyDim());
                float[] value = vector(layer, -1 - head, position, layer.attention().valueDim());
                keyValues(layer.index(), head).append(key, 0, value, 0);
            }
        }
    }

    private void tell(LayerSpec layer, int from, int to) {
        for (int head = 0; head < layer.attention().headCountKv(); head++) {
            refiner.keysAppended(layer, head, keyValues(layer.index(), head), from, to);
        }
    }

    private List<String> refineTiles(LayerSpec layer, AttentionPhase phase, int from, int count) {
        List<SimpleAttentionTile> tiles = tiles(layer, from, count);
        boolean engages = refiner.engages(layer, phase, from + count);
        String[] drawn = new String[tiles.size()];
        IntStream workers = IntStream.range(0, masks.length);
        (masks.length > 1 ? workers.parallel() : workers).forEach(worker -> {
            for (int i = worker; i < drawn.length; i += masks.length) {
                AttentionMask mask = masks[worker];
                reset(mask, tiles.get(i), from + count);
                if (engages) {
                    refiner.refine(withWorker(tiles.get(i), worker), mask);
                }
                mask.seal();
                drawn[i] = draw(mask);
            }
        });
        return List.of(drawn);
    }

    /** Cuts the queries {@code from … from+count−1} of a layer into tiles, as the runtime does. */
    List<SimpleAttentionTile> tiles(LayerSpec layer, int from, int count) {
        List<SimpleAttentionTile> tiles = new ArrayList<>();
        int group = layer.attention().groupSize();
        for (int head = 0; head < layer.attention().headCountKv(); head++) {
            for (int first = from, next; first < from + count; first = next) {
                next = Math.min(from + count, (first / AttentionTile.MAX_POSITIONS + 1) * AttentionTile.MAX_POSITIONS);
                int positions = next - first;
                float[] queries = queries(layer, head * group, group, first, positions);
                tiles.add(new SimpleAttentionTile(layer, head, first, positions, queries, 0, keyValues(layer.index(), head), 0));
            }
        }
        return tiles;
    }

    private float[] queries(LayerSpec layer, int firstHead, int heads, int first, int positions) {
        int dim = layer.attention().keyDim();
        float[] queries = new float[heads * positions * dim];
        for (int row = 0; row < heads * positions; row++) {
            float[] query = vector(layer, 1000 + firstHead + row % heads, first + row / heads, dim);
            System.arraycopy(query, 0, queries, row * dim, dim);
        }
        return queries;
    }

    static SimpleAttentionTile withWorker(SimpleAttentionTile tile, int worker) {
        return new SimpleAttentionTile(tile.layer(), tile.kvHead(), tile.firstPosition(), tile.positionCount(), tile.queries(), tile.gap(),
                tile.keyValues(), worker);
    }

    static void reset(AttentionMask mask, AttentionTile tile, int keyCount) {
        mask.reset(MaskBase.CAUSAL, tile.headCount(), tile.firstPosition(), tile.positionCount(), 0, keyCount);
    }

    /** Returns every bit of a mask as text. */
    static String draw(AttentionMask mask) {
        StringBuilder text = new StringBuilder();
        for (int head = 0; head < mask.headCount(); head++) {
            for (int query = 0; query < mask.queryCount(); query++) {
                for (int block = 0; block < mask.blockCount(); block++) {
                    text.append(Long.toHexString(mask.word(head, query, block))).append(' ');
                }
            }
        }
        return text.toString();
    }

    /** A few directions and some noise: scores spread enough for selections to have something to find. */
    private float[] vector(LayerSpec layer, int head, int position, int dim) {
        Random random = new Random(((text * 17L + layer.index()) * 10_007 + head) * 1_000_003 + position);
        random.nextLong();
        int direction = random.nextInt(5);
        float[] vector = new float[dim];
        for (int c = 0; c < dim; c++) {
            vector[c] = (float) random.nextGaussian() + (c % 5 == direction ? 2 : 0);
        }
        return vector;
    }
}
