package dev.winnow.core.model;

import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.core.attention.ActiveRefiner;
import dev.winnow.core.attention.AttentionPipeline;
import dev.winnow.core.attention.AttentionWork;
import dev.winnow.core.attention.FiniteCheck;
import dev.winnow.core.cache.KvCache;
import dev.winnow.core.parallel.ParallelTask;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.core.parallel.WorkerTimes;
import dev.winnow.spi.Activations;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.Linear;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The self-attention of a layer: queries, keys and values are projected and positioned, keys and values go to the cache, and what the queries find there is
 * projected back. Between the two halves a chunk may lose the tokens whose output nobody wants.
 */
final class SelfAttention {

    private final ModelSpec spec;
    private final WorkerPool pool;
    private final WorkerTimes linearTimes;
    private final ElementwiseBackend elementwise;
    private final KvCache cache;
    private final AttentionPipeline pipeline;
    private final AttentionWork work;
    private final RopeTables ropes;
    private final WeightBands bands;
    private final float[] queries; // [tokens][headCount][keyDim]
    private final float[] keys; // [tokens][headCountKv][keyDim]
    private final float[] values; // [tokens][headCountKv][valueDim]
    private final Map<Integer, Activations> outputs = new HashMap<>(); // by width: [tokens][headCount][valueDim]

    private final ParallelTask projectPart = this::project;
    private final ParallelTask positionPart = this::positionKeysAndQueries;
    private final ParallelTask appendedPart = this::tellRefiners;
    private final ParallelTask outputPart = this::projectOutput;

    // the state of the regions: set before each, read by all workers
    private LayerSpec layer;
    private LayerWeights weights;
    private Activations input;
    private Activations attended;
    private float[] target;
    private int firstPosition;
    private int tokens;

    SelfAttention(LoadedWeights model, Backends backends, WorkerPool pool, KvCache cache, List<ActiveRefiner> refiners,
            RefinerErrors refinerErrors, WorkerTimes linearTimes, int contextLength, int maxTokens) {
        this.spec = model.spec();
        this.pool = pool;
        this.linearTimes = linearTimes;
        this.elementwise = backends.elementwise();
        this.cache = cache;
        this.bands = model.bands();
        queries = new float[maxTokens * widest(a -> a.headCount() * a.keyDim())];
        keys = new float[maxTokens * widest(a -> a.headCountKv() * a.keyDim())];
        values = new float[maxTokens * widest(a -> a.headCountKv() * a.valueDim())];
        for (LayerSpec each : spec.layers()) {
            outputs.computeIfAbsent(outputWidth(each), width -> backends.linear().newActivations(maxTokens, width));
        }
        layer = spec.layers().getFirst();
        weights = model.weights().layers().getFirst();
        attended = outputOf(layer);
        input = attended;
        target = values;
        work = new AttentionWork(cache, queries, layer);
        pipeline = new AttentionPipeline(backends.attention(), backends.names().attention(), pool, refiners, refinerErrors, work,
                spec.layers());
        ropes = new RopeTables(spec, contextLength, maxTokens);
    }

    private int widest(ToIntFunction<LayerSpec.Attention> width) {
        return spec.layers().stream().map(LayerSpec::attention).mapToInt(width).max().orElse(0);
    }

    private static int outputWidth(LayerSpec layer) {
        return layer.attention().headCount() * layer.attention().valueDim();
    }

    private Activations outputOf(LayerSpec each) {
        return Objects.requireNonNull(outputs.get(outputWidth(each)));
    }

    AttentionPipeline pipeline() {
        return pipeline;
    }

    /** Begins a chunk of {@code count} tokens, which goes through all layers. */
    void begin(int position, int count) {
        firstPosition = position;
        tokens = count;
        ropes.fill(position, count);
    }

    /** Computes queries, keys and values of the chunk in a layer from sealed, normed inputs, and appends keys and values to the cache. */
    void append(LayerSpec newLayer, LayerWeights newWeights, Activations normed) {
        layer = newLayer;
        weights = newWeights;
        input = normed;
        bands.layers().get(layer.index()).projections().run(pool, tokens, projectPart);
        int pages = (firstPosition + tokens - 1) / AttentionTile.MAX_POSITIONS - firstPosition / AttentionTile.MAX_POSITIONS + 1;
        pool.run(layer.attention().headCountKv() * pages, positionPart);
        if (pages > 1 && !pipeline.refiners().isEmpty()) {
            pool.run(layer.attention().headCountKv(), appendedPart);
        }
    }

    /**
     * Computes the output of the layer to which the chunk was appended.
     *
     * @param from   first token whose output is wanted; the chunk loses those before it
     * @param output receives [tokens from there][embedding]
     */
    void attend(int from, float[] output) {
        LayerWeights.Vector sinks = weights.sinks();
        work.set(layer, sinks == null ? null : sinks.values(), tokens == 1 ? AttentionPhase.DECODE : AttentionPhase.PREFILL, firstPosition,
                from, tokens);
        attended = outputOf(layer);
        pipeline.run(attended.values());
        tokens -= from;
        attended.seal(tokens);
        target = output;
        bands.layers().get(layer.index()).output().run(pool, tokens, outputPart);
    }

    private void project(int band, int worker) {
        LinearBands cut = bands.layers().get(layer.index()).projections();
        int from = cut.from(tokens, band);
        int to = cut.to(tokens, band);
        switch (cut.matrix(tokens, band)) {
            case 0 -> product(worker, weights.query(), weights.queryBias(), input, from, to, queries);
            case 1 -> product(worker, weights.key(), weights.keyBias(), input, from, to, keys);
            default -> product(worker, weights.value(), weights.valueBias(), input, from, to, values);
        }
    }

    private void product(int worker, Linear matrix, LayerWeights.@Nullable Vector bias, Activations from, int firstRow, int endRow,
            float[] to) {
        long start = System.nanoTime();
        matrix.multiply(worker, from, firstRow, endRow, to, 0, matrix.rows());
        linearTimes.addSince(start, worker);
        if (bias != null) {
            for (int i = 0; i < tokens; i++) {
                elementwise.add(to, i * matrix.rows() + firstRow, bias.values(), firstRow, endRow - firstRow);
            }
        }
    }

    /** Norms and rotates keys and queries of one KV head and one page of positions, and writes keys and values to the cache. */
    private void positionKeysAndQueries(int part, int worker) {
        LayerSpec.Attention a = layer.attention();
        int kvHead = part % a.headCountKv();
        int page = firstPosition / AttentionTile.MAX_POSITIONS + part / a.headCountKv();
        int from = Math.max(0, page * AttentionTile.MAX_POSITIONS - firstPosition);
        int to = Math.min(tokens, (page + 1) * AttentionTile.MAX_POSITIONS - firstPosition);
        int group = a.groupSize();
        for (int i = from; i < to; i++) {
            int key = (i * a.headCountKv() + kvHead) * a.keyDim();
            positionHead(keys, key, weights.keyNorm(), i);
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                int query = (i * a.headCount() + head) * a.keyDim();
                positionHead(queries, query, weights.queryNorm(), i);
                if (spec.temperatureScale() != 0) {
                    elementwise.scale(queries, query, a.keyDim(), temperature(firstPosition + i));
                }
            }
            int value = (i * a.headCountKv() + kvHead) * a.valueDim();
            // The cache may round NaN and infinity to numbers, and kernels do as they read F16.
            if (!FiniteCheck.isFinite(keys, key, a.keyDim()) || !FiniteCheck.isFinite(values, value, a.valueDim())) {
                throw new NotFiniteException("keys or values of layer " + layer.index());
            }
            cache.write(layer.index(), kvHead, firstPosition + i, keys, key, values, value);
        }
        if (from == 0 && to == tokens) {
            tellRefiners(kvHead, worker); // one region less
        }
    }

    private void positionHead(float[] heads, int offset, LayerWeights.@Nullable Vector headNorm, int token) {
        if (headNorm != null) {
            elementwise.rmsNorm(heads, offset, headNorm.values(), layer.attention().keyDim(), layer.normEpsilon(), heads, offset);
        }
        RopeTable table = ropes.of(layer);
        if (table != null) {
            elementwise.rope(table.rope().style(), heads, offset, table.rope().dims(), table.values(), table.offset(token));
        }
    }

    /** The factor by which Ministral's queries grow with the position. */
    private float temperature(int position) {
        return (float) (1 + spec.temperatureScale() * Math.log(position / spec.originalContextLength() + 1));
    }

    private void tellRefiners(int kvHead, int worker) {
        pipeline.refiners().keysAppended(layer, kvHead, firstPosition, firstPosition + tokens);
    }

    private void projectOutput(int band, int worker) {
        LinearBands cut = bands.layers().get(layer.index()).output();
        product(worker, weights.output(), weights.outputBias(), attended, cut.from(tokens, band), cut.to(tokens, band), target);
    }
}
