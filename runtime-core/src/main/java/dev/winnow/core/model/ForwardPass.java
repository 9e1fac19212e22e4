package dev.winnow.core.model;

import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.core.attention.ActiveRefiner;
import dev.winnow.core.attention.AttentionPipeline;
import dev.winnow.core.cache.KvCache;
import dev.winnow.core.parallel.ParallelTask;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.core.parallel.WorkerTimes;
import dev.winnow.spi.Activations;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.LayerSpec;
import java.util.List;
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
    private final SelfAttention attention;
    private final FeedForward feedForward;

    private final float[] residual; // [tokens][embedding]
    private final Activations normed; // [tokens][embedding], input of the layer's products
    private final float[] branch; // [tokens][embedding], what a block adds to the residual
    private final Activations finalNormed; // [1][embedding]
    private final float[] logits; // [vocabulary]
    private final WeightBands bands;
    private final WorkerTimes linearTimes;

    private final ParallelTask normPart = this::normTokens;
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
            RefinerErrors refinerErrors, int contextLength, int maxTokens) {
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
        layer = spec.layers().getFirst();
        layerWeights = weights.layers().getFirst();
        norm = layerWeights.attentionNorm();
        attention = new SelfAttention(model, backends, pool, cache, refiners, refinerErrors, linearTimes, contextLength, maxTokens);
        feedForward = new FeedForward(model, backends, pool, linearTimes, maxTokens);
        bands = model.bands();
    }

    /** Keeps what this pass computes out of flight recordings: it is nobody's answer. */
    public void silence() {
        attention.pipeline().silence();
    }

    /** Returns the attention of the session. */
    public AttentionPipeline attention() {
        return attention.pipeline();
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
                    residual, i * embedding);
        }
        if (spec.embeddingScale() != 1) {
            elementwise.scale(residual, 0, count * embedding, spec.embeddingScale());
        }
        attention.begin(firstPosition, count);
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
        attention.append(each, layerWeights, normed);
        if (from == count) {
            return;
        }
        attention.attend(from, branch);
        keepTokensFrom(from);

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
