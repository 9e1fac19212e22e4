package dev.winnow.core.runtime;

import dev.winnow.api.Cancellation;
import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.Model;
import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.attention.ActiveRefiner;
import dev.winnow.core.attention.FiniteCheck;
import dev.winnow.core.attention.RefinerChain;
import dev.winnow.core.cache.KvCache;
import dev.winnow.core.events.DecodeEvent;
import dev.winnow.core.events.PrefillEvent;
import dev.winnow.core.model.ForwardPass;
import dev.winnow.core.model.NotFiniteException;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.RefinerContext;
import java.util.Arrays;
import java.util.List;

/** A sequence of tokens, its keys and values, and the forward pass that extends it. */
final class CoreSession implements Session {

    private static final PrefillEvent PREFILL_PROBE = new PrefillEvent();
    private static final DecodeEvent DECODE_PROBE = new DecodeEvent();

    private final CoreModel model;
    private final SessionOptions options;
    private final List<RefinerChoice.Chosen> chosen;
    private final int contextLength;
    private final int[] windows; // [layer], 0 for none
    private final KvCache cache;
    private final ForwardPass pass;
    private final SessionClock clock;
    private int[] tokens = new int[64];
    private boolean hasLogits;
    private boolean closed;

    CoreSession(CoreModel model, SessionOptions options, List<RefinerChoice.Chosen> chosen) {
        this(model, options, chosen, new KvCache(model.layers(), options.kvType()));
    }

    private CoreSession(CoreModel model, SessionOptions options, List<RefinerChoice.Chosen> chosen, KvCache cache) {
        this.model = model;
        this.options = options;
        this.chosen = chosen;
        this.cache = cache;
        int trained = model.info().contextLength();
        this.contextLength = options.contextLength() > 0 ? options.contextLength() : trained > 0 ? trained : 2048;
        this.windows = model.layers().stream().mapToInt(layer -> layer.attention().window()).toArray();
        for (LayerSpec layer : model.layers()) {
            List<String> reasons = model.computing().attention().unsupported(layer, options.kvType());
            if (!reasons.isEmpty()) {
                throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                        "The attention backend '" + model.backends().getFirst() + "' cannot compute layer "
                                + layer.index() + ": " + String.join("; ", reasons) + "; choose another backend, for example 'reference'.");
            }
        }
        RefinerContext context = new RefinerContext(model.layers(), contextLength, model.pool().size(), model.computing().linear(),
                model.computing().elementwise());
        List<ActiveRefiner> refiners = RefinerChoice.Chosen.create(chosen, context);
        try {
            this.pass = new ForwardPass(model.weights(), model.computing(), model.pool(), cache, refiners, options.refinerErrors(),
                    contextLength, Math.min(ForwardPass.CHUNK, contextLength));
        } catch (RuntimeException | Error e) {
            refiners.forEach(ActiveRefiner::close);
            throw e;
        }
        this.clock = new SessionClock(pass);
    }

    @Override
    public Model model() {
        return model;
    }

    @Override
    public int length() {
        return cache.length();
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public int[] tokens() {
        return Arrays.copyOf(tokens, cache.length());
    }

    @Override
    public List<RefinerReport> refiners() {
        return chosen.stream().map(RefinerChoice.Chosen::report).toList();
    }

    /** Returns refiners like those of this session, for a warm-up; without those whose provider does not allow it. */
    List<ActiveRefiner> refinersLike(RefinerContext context) {
        return RefinerChoice.Chosen.create(chosen.stream().filter(RefinerChoice.Chosen::warmsUp).toList(), context);
    }

    KvType kvType() {
        return options.kvType();
    }

    @Override
    public void append(int... ids) {
        append(ids, LogitsConsumer.NONE, Cancellation.never(), ProgressListener.SILENT);
    }

    @Override
    public boolean append(int[] ids, LogitsConsumer logits, Cancellation cancellation, ProgressListener progress) {
        requireOpen();
        check(ids);
        int before = cache.length();
        if (!model.pool().acquire(cancellation)) {
            return false;
        }
        try {
            model.requireOpen();
            pass.attention().refiners().requireNoneLost();
            model.warmUps().begin(this, ids.length);
            int done = 0;
            while (done < ids.length) {
                // Chunks end at multiples of the chunk size, so that tiles and pages coincide.
                int count = Math.min(
                        Math.min(ForwardPass.CHUNK, contextLength) - cache.length() % Math.min(ForwardPass.CHUNK, contextLength),
                        ids.length - done);
                chunk(ids, done, count, logits, done + count == ids.length);
                if (cancellation.isRequested()) {
                    cut(before);
                    return false;
                }
                done += count;
                if (done == ids.length && !FiniteCheck.isFinite(pass.logits(), 0, pass.logits().length)) {
                    throw model.notFinite("logits");
                }
                progress.progress(done, ids.length);
            }
            hasLogits |= ids.length > 0;
            return true;
        } catch (RuntimeException | Error e) {
            try {
                cut(before);
            } catch (RuntimeException another) {
                e.addSuppressed(another);
            }
            throw e;
        } finally {
            model.warmUps().close();
            model.pool().release();
        }
    }

    private void check(int[] ids) {
        if (cache.length() + (long) ids.length > contextLength) {
            throw new WinnowException(WinnowException.Kind.RESOURCES, "The text needs " + (cache.length() + (long) ids.length)
                    + " tokens, but the context has only " + contextLength + ": shorten it or ask for a longer context (-c).");
        }
        for (int id : ids) {
            if (id < 0 || id >= model.info().vocabularySize()) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "The token " + id + " does not exist: the model has the tokens 0 to " + (model.info().vocabularySize() - 1) + ".");
            }
        }
    }

    private void chunk(int[] ids, int from, int count, LogitsConsumer logits, boolean last) {
        clock.begin();
        int position = cache.length();
        cache.grow(count);
        if (tokens.length < position + count) {
            tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, position + count));
        }
        System.arraycopy(ids, from, tokens, position, count);
        try {
            compute(ids, from, count, logits, last);
        } catch (NotFiniteException e) {
            throw model.notFinite(String.valueOf(e.getMessage()));
        }
        releaseBehindWindows();
        clock.end(count);
    }

    /** Takes a chunk through the layers, and tells a flight recording if there is one. */
    private void compute(int[] ids, int from, int count, LogitsConsumer logits, boolean last) {
        if (count == 1 && DECODE_PROBE.isEnabled()) {
            DecodeEvent event = new DecodeEvent();
            event.begin();
            pass.append(ids, from, count, logits, last);
            event.position = cache.length() - 1;
            event.commit();
        } else if (count > 1 && PREFILL_PROBE.isEnabled()) {
            PrefillEvent event = new PrefillEvent();
            event.begin();
            pass.append(ids, from, count, logits, last);
            event.firstPosition = cache.length() - count;
            event.tokens = count;
            event.commit();
        } else {
            pass.append(ids, from, count, logits, last);
        }
    }

    private void releaseBehindWindows() {
        for (int layer = 0; layer < windows.length; layer++) {
            if (windows[layer] > 0) {
                cache.releaseBelow(layer, cache.length() - windows[layer] + 1);
            }
        }
    }

    @Override
    public float[] logits() {
        if (!hasLogits) {
            throw new IllegalStateException("there are no logits: nothing was appended since the session was created or cut");
        }
        return pass.logits().clone();
    }

    float[] currentLogits() {
        return pass.logits();
    }

    @Override
    public void truncate(int length) {
        requireOpen();
        if (length < 0 || length > cache.length()) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The session has " + cache.length() + " tokens and cannot be cut to " + length + ".");
        }
        if (!canTruncate(length)) {
            throw new WinnowException(WinnowException.Kind.RESOURCES, "The session cannot be cut to " + length
                    + " tokens, because the keys within the sliding window before it are gone; cut it to 0 and append the tokens again.");
        }
        cut(length);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The session was closed.");
        }
    }

    boolean canTruncate(int length) {
        return cache.canTruncate(length, windows);
    }

    /** Cuts to a length; to 0 if what the window needs is gone. */
    void cut(int length) {
        if (length < cache.length()) {
            int kept = canTruncate(length) ? length : 0;
            hasLogits = false;
            cache.truncate(kept);
            pass.attention().refiners().truncated(kept);
        }
    }

    @Override
    public Session fork() {
        requireOpen();
        KvCache shared = cache.fork();
        CoreSession copy;
        try {
            copy = new CoreSession(model, options, chosen, shared);
        } catch (RuntimeException | Error e) {
            shared.clear();
            throw e;
        }
        try {
            copy.tellRefiners();
        } catch (RuntimeException | Error e) {
            copy.close();
            throw e;
        }
        copy.tokens = tokens.clone();
        copy.hasLogits = hasLogits;
        System.arraycopy(pass.logits(), 0, copy.pass.logits(), 0, pass.logits().length);
        return copy;
    }

    /** Tells refiners that are new of all keys so far. */
    private void tellRefiners() {
        RefinerChain refiners = pass.attention().refiners();
        for (LayerSpec layer : model.layers()) {
            for (int head = 0; head < layer.attention().headCountKv(); head++) {
                KeyValues keyValues = cache.keyValues(layer.index(), head);
                int from = keyValues.firstPage() * KeyValues.PAGE_KEYS;
                if (!refiners.isEmpty() && keyValues.keyCount() > from) {
                    refiners.keysAppended(layer, head, from, keyValues.keyCount());
                }
            }
        }
    }

    @Override
    public GenerationResult generate(GenerationRequest request, GenerationListener listener) {
        requireOpen();
        return new Generation(this, request, listener).run();
    }

    @Override
    public PhaseStatistics statistics(AttentionPhase phase) {
        return clock.statistics(phase);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            cache.clear();
            pass.attention().refiners().all().forEach(ActiveRefiner::close);
        }
    }
}
