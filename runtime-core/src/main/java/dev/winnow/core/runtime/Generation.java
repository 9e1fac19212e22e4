package dev.winnow.core.runtime;

import dev.winnow.api.Cancellation;
import dev.winnow.api.FinishReason;
import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.TokenDecoder;
import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import dev.winnow.core.sampling.StopMatcher;
import dev.winnow.core.sampling.TokenSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** One call of {@link CoreSession#generate}: prompt, then token after token until something ends it. */
final class Generation {

    private final CoreSession session;
    private final GenerationRequest request;
    private final GenerationListener listener;
    private final Tokenizer tokenizer;
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> produced = new ArrayList<>();

    Generation(CoreSession session, GenerationRequest request, GenerationListener listener) {
        this.session = session;
        this.request = request;
        this.listener = listener;
        this.tokenizer = session.model().tokenizer();
    }

    GenerationResult run() {
        int[] prompt = request.prompt().stream().mapToInt(Integer::intValue).toArray();
        if (prompt.length == 0) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The prompt is empty: give at least one token.");
        }
        if (prompt.length > session.contextLength()) {
            throw new WinnowException(WinnowException.Kind.RESOURCES,
                    "The prompt has " + prompt.length + " tokens, but the context has only "
                            + session.contextLength() + ": shorten it or ask for a longer context (-c).");
        }
        int cached = reuse(prompt);
        long start = System.nanoTime();
        int[] processed = {cached};
        boolean complete = session.append(Arrays.copyOfRange(prompt, cached, prompt.length), LogitsConsumer.NONE, request.cancellation(),
                (done, total) -> {
                    processed[0] = cached + done;
                    listener.promptProgress(cached + done, cached + total);
                });
        long promptNanos = System.nanoTime() - start;
        start = System.nanoTime();
        FinishReason reason = complete ? generate(prompt) : interrupted();
        return new GenerationResult(text.toString(), produced, reason, processed[0], cached, promptNanos, System.nanoTime() - start);
    }

    /** Cuts the session to what it shares with the prompt, at least one token less, whose logits are needed. Returns the length that is kept. */
    private int reuse(int[] prompt) {
        int[] held = session.tokens();
        int common = 0;
        while (common < Math.min(held.length, prompt.length - 1) && held[common] == prompt[common]) {
            common++;
        }
        session.cut(common);
        return session.length();
    }

    private FinishReason interrupted() {
        Cancellation cancellation = request.cancellation();
        return cancellation.isCancelled() ? FinishReason.CANCELLED : FinishReason.TIMEOUT;
    }

    private FinishReason generate(int[] prompt) {
        TokenSampler sampler = TokenSampler.of(request.sampling(), tokenizer.vocabularySize(), suppressed());
        for (int token : prompt) {
            sampler.accept(token);
        }
        TokenDecoder decoder = tokenizer.newDecoder(false);
        StopMatcher stops = new StopMatcher(request.stopStrings());
        FinishReason reason = FinishReason.LENGTH;
        while (request.maxTokens() < 0 || produced.size() < request.maxTokens()) {
            int token = sampler.sample(session.currentLogits());
            if (tokenizer.isEndOfGeneration(token)) {
                reason = FinishReason.END_OF_GENERATION;
                break;
            }
            sampler.accept(token);
            produced.add(token);
            listener.token(token);
            emit(stops.push(decoder.append(token)));
            if (stops.stopped()) {
                return FinishReason.STOP_STRING;
            }
            if (request.maxTokens() >= 0 && produced.size() >= request.maxTokens()) {
                break;
            }
            if (session.length() == session.contextLength()) {
                reason = FinishReason.CONTEXT_FULL;
                break;
            }
            if (!session.append(new int[]{token}, LogitsConsumer.NONE, request.cancellation(), (done, total) -> {})) {
                reason = interrupted();
                break;
            }
        }
        emit(stops.push(decoder.finish()));
        emit(stops.finish());
        return reason;
    }

    private BitSet suppressed() {
        BitSet suppressed = new BitSet();
        session.model().metadata().integers("tokenizer.ggml.suppress_tokens")
                .ifPresent(ids -> Arrays.stream(ids).forEach(id -> suppressed.set((int) id)));
        if (request.ignoreEos()) {
            for (int token = 0; token < tokenizer.vocabularySize(); token++) {
                if (tokenizer.isEndOfGeneration(token)) {
                    suppressed.set(token);
                }
            }
        }
        return suppressed;
    }

    private void emit(String piece) {
        if (!piece.isEmpty()) {
            text.append(piece);
            listener.text(piece);
        }
    }
}
