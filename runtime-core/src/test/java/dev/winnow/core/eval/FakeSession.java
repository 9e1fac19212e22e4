package dev.winnow.core.eval;

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
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A sequence of {@link FakeModel}. Can be cut by up to 16 tokens, or to nothing, as if a sliding window had dropped the rest. */
final class FakeSession implements Session {

    private static final int MOST_CUT = 16;

    private final FakeModel model;
    private final SessionOptions options;
    private final int window; // visible tokens
    private final long[][] counts = new long[AttentionPhase.values().length][4]; // tokens, nanoseconds, base keys, kept keys
    private int[] tokens = {};
    private float @Nullable [] logits;
    private boolean closed;

    FakeSession(FakeModel model, SessionOptions options) {
        this.model = model;
        this.options = options;
        Settings settings = options.refiners().get("recent");
        window = settings == null ? Integer.MAX_VALUE : settings.integer("window", 1, 1 << 20).orElse(64);
    }

    @Override
    public Model model() {
        return model;
    }

    @Override
    public int length() {
        return tokens.length;
    }

    @Override
    public int contextLength() {
        return options.contextLength() == 0 ? model.info().contextLength() : options.contextLength();
    }

    @Override
    public int[] tokens() {
        return tokens.clone();
    }

    @Override
    public List<RefinerReport> refiners() {
        return window == Integer.MAX_VALUE
                ? List.of()
                : List.of(new RefinerReport("recent", false, Map.of("window", String.valueOf(window))));
    }

    @Override
    public void append(int... ids) {
        append(ids, new LogitsConsumer() {
            @Override
            public boolean wants(int position) {
                return false;
            }

            @Override
            public void accept(int position, float[] values) {}
        }, Cancellation.never(), ProgressListener.SILENT);
    }

    @Override
    public boolean append(int[] ids, LogitsConsumer consumer, Cancellation cancellation, ProgressListener progress) {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        int from = tokens.length;
        if (from + ids.length > contextLength()) {
            throw new WinnowException(WinnowException.Kind.RESOURCES, "The context is full.");
        }
        long start = System.nanoTime();
        tokens = Arrays.copyOf(tokens, from + ids.length);
        System.arraycopy(ids, 0, tokens, from, ids.length);
        long[] count = counts[(ids.length == 1 ? AttentionPhase.DECODE : AttentionPhase.PREFILL).ordinal()];
        for (int position = from; position < tokens.length; position++) {
            boolean last = position == tokens.length - 1;
            if (last || consumer.wants(position)) {
                float[] values = predict(position);
                if (consumer.wants(position)) {
                    consumer.accept(position, values);
                }
                logits = last ? values : logits;
            }
            count[2] += position + 1;
            count[3] += Math.min(window, position + 1);
        }
        count[0] += ids.length;
        count[1] += System.nanoTime() - start;
        return true;
    }

    private float[] predict(int position) {
        float[] values = new float[model.tokenizer().vocabularySize()];
        int noise = tokens[position] * 31 + (position > 0 ? tokens[position - 1] : 7);
        for (int token = 0; token < values.length; token++) {
            noise = noise * 1_664_525 + 1_013_904_223;
            values[token] = (noise >>> 8) * 0x1p-23f;
        }
        int first = Math.max(0, position - Math.min(window, 1 << 24) + 1);
        for (int place = first; place < position; place++) {
            int length = 0;
            while (length < 24 && place - length >= first && tokens[place - length] == tokens[position - length]) {
                length++;
            }
            if (length > 0) {
                // above the noise, which ends at 2, and within the range of 16 that a file of log-probabilities keeps
                values[tokens[place + 1]] = Math.max(values[tokens[place + 1]], 2.5f + 0.5f * length);
            }
        }
        return values;
    }

    @Override
    public float[] logits() {
        if (logits == null) {
            throw new IllegalStateException("no logits");
        }
        return logits.clone();
    }

    @Override
    public void truncate(int length) {
        if (length > 0 && tokens.length - length > MOST_CUT) {
            throw new WinnowException(WinnowException.Kind.RESOURCES, "Pages were released behind the sliding window.");
        }
        tokens = Arrays.copyOf(tokens, length);
        logits = null;
    }

    @Override
    public Session fork() {
        FakeSession copy = new FakeSession(model, options);
        copy.tokens = tokens.clone();
        copy.logits = logits;
        return copy;
    }

    @Override
    public GenerationResult generate(GenerationRequest request, GenerationListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PhaseStatistics statistics(AttentionPhase phase) {
        long[] count = counts[phase.ordinal()];
        return new PhaseStatistics(count[0], count[1], count[1] / 2, count[1] / 4, count[1] / 4, count[2], count[3], count[3], count[2]);
    }

    @Override
    public void close() {
        closed = true;
    }
}
