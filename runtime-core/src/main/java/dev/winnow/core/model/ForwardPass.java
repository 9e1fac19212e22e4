package dev.winnow.core.model;

import dev.winnow.api.LogitsConsumer;
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
 * The one forward pass, for every architecture: tokens → logits. All scratch is allocated once, for chunks of up to {@code maxTokens} tokens. The steps of a
 * layer stand in {@link #layer} in the order in which they happen; each is one parallel region.
 */
public final class ForwardPass {

    /** Tokens that go through the layers together: enough that weights are decoded once for many tokens, few enough that scratch stays in the L2 cache. */
    public static final int CHUNK = 512;

    private static final int TOKENS_PER_PART = 16;

    private final ModelSpec spec;
    private final Weights weights;
    private final WorkerPool pool;
    private final ElementwiseBackend elementwise;
    private final KvCache cache;
    private final AttentionPipeline attention;
    private final AttentionWork work;
    private final FeedForward feedForward;

    private final float[] residual; // [tokens][embedding]
    private final Activations normed; // [tokens][embedding], input of the layer's products
    private final float[] branch; // [tokens][embedding], what a block adds to the residual
    private final float[] queries; // [tokens][headCount][keyDim]
    private final float[] keys; // [tokens][headCountKv][keyDim]
    private final float[] values; // [tokens][headCountKv][valueDim]
    private final Map<Integer, Activations> attended = new HashMap<>(); // by width: [tokens][headCount][valueDim]
    private final Activations finalNormed; // [1][embedding]
    private final float[] logits; // [vocabulary]
    private final RopeTables ropes;
    private final WeightBands bands;
    private final WorkerTimes linearTimes;

    private final ParallelTask normPart = this::normTokens;
    private final ParallelTask projectPart = this::project;
    private final ParallelTask positionPart = this::positionKeysAndQueries;
    private final ParallelTask appendedPart = this::tellRefiners;
    private final ParallelTask outputPart = this::projectOutput;
    private final ParallelTask addPart = this::addBranch;
    private final ParallelTask addAndNormPart = this::addAndNorm;
    private final ParallelTask logitPart = this::computeLogits;

    // the state of the regions: set before each, read by all workers
    private LayerSpec layer;
    private LayerWeights layerWeights;
    private LayerWeights.Vector norm;
    private LayerWeights.@Nullable Vector postNorm;
    private int firstPosition;
    private int tokens;

    /** Creates the pass of one session. */
    public ForwardPass(LoadedWeights model, Backends backends, WorkerPool pool, KvCache cache, List<ActiveRefiner> refiners,
            RefinerErrors refinerErrors,
            int contextLength, int maxTokens) {
        this.spec = model.spec();
        this.weights = model.weights();
        this.pool = pool;
        this.linearTimes = new WorkerTimes(pool.size());
        this.elementwise = backends.elementwise();
        this.cache = cache;
        int embedding = spec.embeddingLength();
        residual = new float[maxTokens * embedding];
        branch = new float[maxTokens * embedding];
        normed = backends.linear().newActivations(maxTokens, embedding);
        finalNormed = backends.linear().newActivations(1, embedding);
        logits = new float[spec.vocabularySize()];
        queries = new float[maxTokens * widest(a -> a.headCount() * a.keyDim())];
        keys = new float[maxTokens * widest(a -> a.headCountKv() * a.keyDim())];
        values = new float[maxTokens * widest(a -> a.headCountKv() * a.valueDim())];
        for (LayerSpec each : spec.layers()) {
            attended.computeIfAbsent(each.attention().headCount() * each.attention().valueDim(),
                    width -> backends.linear().newActivations(maxTokens, width));
        }
        layer = spec.layers().getFirst();
        layerWeights = weights.layers().getFirst();
        norm = layerWeights.attentionNorm();
        work = new AttentionWork(cache, queries, layer);
        attention = new AttentionPipeline(backends.attention(), backends.names().attention(), pool, refiners, refinerErrors, work,
                spec.layers());
        feedForward = new FeedForward(model, backends, pool, linearTimes, maxTokens);
        ropes = new RopeTables(spec, contextLength, maxTokens);
        bands = model.bands();
    }

    /** Keeps what this pass computes out of flight recordings: it is nobody's answer. */
    public void silence() {
        attention.silence();
    }

    private int widest(ToIntFunction<LayerSpec.Attention> width) {
        return spec.layers().stream().map(LayerSpec::attention).mapToInt(width).max().orElse(0);
    }

    /** Returns the attention of the session. */
    public AttentionPipeline attention() {
        return attention;
    }

    /** Returns the logits of the last token that they were computed for: [vocabulary]. */
    public float[] logits() {
        return logits;
    }

    /** Returns the nanoseconds that were spent on matrix products, summed over workers. */
    public long linearNanos() {
        return linearTimes.total();
    }

    /**
     * Appends a chunk of tokens, for which the cache has already grown.
     *
     * @param ids      token ids
     * @param from     index of the first token
     * @param count    number of tokens
     * @param consumer receives the logits of the positions that it wants
     * @param last     whether the logits of the last token are wanted in any case
     */
    public void append(int[] ids, int from, int count, LogitsConsumer consumer, boolean last) {
        firstPosition = cache.length() - count;
        tokens = count;
        int embedding = spec.embeddingLength();
        for (int i = 0; i < count; i++) {
            weights.embedding().type().dequantize(weights.embedding().data(), ids[from + i] * weights.embedding().rowBytes(), embedding,
                    residual,
                    i * embedding);
        }
        if (spec.embeddingScale() != 1) {
            elementwise.scale(residual, 0, count * embedding, spec.embeddingScale());
        }
        ropes.fill(firstPosition, count);
        int firstWanted = last ? count - 1 : count;
        for (int i = 0; i < firstWanted; i++) {
            if (consumer.wants(firstPosition + i)) {
                firstWanted = i;
            }
        }
        for (LayerSpec each : spec.layers()) {
            boolean isLast = each.index() == spec.layers().size() - 1;
            layer(each, isLast ? firstWanted : 0);
        }
        for (int i = firstWanted; i < count; i++) {
            boolean wanted = consumer.wants(firstPosition + i);
            if (wanted || (last && i == count - 1)) {
                logitsOf(i - firstWanted);
                if (wanted) {
                    consumer.accept(firstPosition + i, logits);
                }
            }
        }
    }

    /**
     * One layer. The last layer goes on only with the tokens from {@code from}, whose logits are wanted; of the others nothing but their keys and values
     * will ever be read.
     */
    private void layer(LayerSpec each, int from) {
        layer = each;
        layerWeights = weights.layers().get(each.index());
        int count = tokens;

        norm = layerWeights.attentionNorm();
        overTokens(each.index() == 0 ? normPart : addAndNormPart); // what the layer before has left
        normed.seal(tokens);
        bands.layers().get(each.index()).projections().run(pool, tokens, projectPart);
        int pages = (firstPosition + tokens - 1) / AttentionTile.MAX_POSITIONS - firstPosition / AttentionTile.MAX_POSITIONS + 1;
        pool.run(each.attention().headCountKv() * pages, positionPart);
        if (pages > 1 && !attention.refiners().isEmpty()) {
            pool.run(each.attention().headCountKv(), appendedPart);
        }
        if (from == count) {
            return;
        }
        LayerWeights.Vector sinks = layerWeights.sinks();
        work.set(each, sinks == null ? null : sinks.values(), count == 1 ? AttentionPhase.DECODE : AttentionPhase.PREFILL, firstPosition,
                from,
                count);
        Activations input = attendedInput();
        attention.run(input.values());
        keepTokensFrom(from);

        input.seal(tokens);
        bands.layers().get(each.index()).output().run(pool, tokens, outputPart);

        postNorm = layerWeights.postAttentionNorm();
        norm = layerWeights.feedForwardNorm();
        overTokens(addAndNormPart);
        normed.seal(tokens);
        feedForward.run(each, layerWeights, normed, tokens, branch);
        postNorm = layerWeights.postFeedForwardNorm();
        if (each.index() == spec.layers().size() - 1) {
            overTokens(addPart);
        }
    }

    private Activations attendedInput() {
        return Objects.requireNonNull(attended.get(layer.attention().headCount() * layer.attention().valueDim()));
    }

    private void keepTokensFrom(int from) {
        int embedding = spec.embeddingLength();
        if (from > 0) {
            System.arraycopy(residual, from * embedding, residual, 0, (tokens - from) * embedding);
            tokens -= from;
        }
    }

    private void overTokens(ParallelTask task) {
        pool.run((tokens + TOKENS_PER_PART - 1) / TOKENS_PER_PART, task);
    }

    private void normTokens(int part, int worker) {
        int embedding = spec.embeddingLength();
        for (int i = part * TOKENS_PER_PART; i < Math.min(tokens, (part + 1) * TOKENS_PER_PART); i++) {
            elementwise.rmsNorm(residual, i * embedding, norm.values(), embedding, layer.normEpsilon(), normed.values(), i * embedding);
        }
    }

    private void project(int band, int worker) {
        LinearBands cut = bands.layers().get(layer.index()).projections();
        int from = cut.from(tokens, band);
        int to = cut.to(tokens, band);
        switch (cut.matrix(tokens, band)) {
            case 0 -> product(worker, layerWeights.query(), layerWeights.queryBias(), normed, from, to, queries);
            case 1 -> product(worker, layerWeights.key(), layerWeights.keyBias(), normed, from, to, keys);
            default -> product(worker, layerWeights.value(), layerWeights.valueBias(), normed, from, to, values);
        }
    }

    private void product(int worker, Linear matrix, LayerWeights.@Nullable Vector bias, Activations input,
            int from, int to,
            float[] target) {
        long start = System.nanoTime();
        matrix.multiply(worker, input, from, to, target, 0, matrix.rows());
        linearTimes.addSince(start, worker);
        if (bias != null) {
            for (int i = 0; i < tokens; i++) {
                elementwise.add(target, i * matrix.rows() + from, bias.values(), from, to - from);
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
            positionHead(keys, key, layerWeights.keyNorm(), i);
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                int query = (i * a.headCount() + head) * a.keyDim();
                positionHead(queries, query, layerWeights.queryNorm(), i);
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
        attention.refiners().keysAppended(layer, kvHead, firstPosition, firstPosition + tokens);
    }

    private void projectOutput(int band, int worker) {
        LinearBands cut = bands.layers().get(layer.index()).output();
        product(worker, layerWeights.output(), layerWeights.outputBias(), attendedInput(), cut.from(tokens, band), cut.to(tokens, band),
                branch);
    }

    /** One region where two steps follow each other token by token: what the first one has written is in the cache of the second. */
    private void addAndNorm(int part, int worker) {
        addBranch(part, worker);
        normTokens(part, worker);
    }

    /** Adds the branch to the residual stream, normed if the architecture says so. */
    private void addBranch(int part, int worker) {
        int embedding = spec.embeddingLength();
        for (int i = part * TOKENS_PER_PART; i < Math.min(tokens, (part + 1) * TOKENS_PER_PART); i++) {
            LayerWeights.Vector post = postNorm;
            if (post != null) {
                elementwise.rmsNorm(branch, i * embedding, post.values(), embedding, layer.normEpsilon(), branch, i * embedding);
            }
            elementwise.add(residual, i * embedding, branch, i * embedding, embedding);
        }
    }

    private void logitsOf(int token) {
        int embedding = spec.embeddingLength();
        elementwise.rmsNorm(residual, token * embedding, weights.outputNorm().values(), embedding, spec.finalNormEpsilon(),
                finalNormed.values(), 0);
        finalNormed.seal(1);
        bands.logits().run(pool, 1, logitPart);
        if (spec.finalSoftcap() != 0) {
            elementwise.softcap(logits, 0, logits.length, spec.finalSoftcap());
        }
    }

    private void computeLogits(int band, int worker) {
        long start = System.nanoTime();
        weights.output().multiply(worker, finalNormed, bands.logits().from(1, band), bands.logits().to(1, band), logits, 0, logits.length);
        linearTimes.addSince(start, worker);
    }
}
