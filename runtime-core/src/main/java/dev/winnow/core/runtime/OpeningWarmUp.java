package dev.winnow.core.runtime;

import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.core.cache.KvCache;
import dev.winnow.core.model.Backends;
import dev.winnow.core.model.ForwardPass;
import dev.winnow.core.model.LoadedWeights;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.spi.KvType;
import java.util.List;

/** While a model is being opened: short prompts, and a few tokens after each. */
final class OpeningWarmUp extends WarmUp {

    /** Prompts, in turn, that no kernel takes at once: every size of tile has a part in one of them. The longest goes first. */
    private static final int[] PROMPTS = {6 + 4 + 1, 6 + 2};

    /** Tokens generated after each prompt. */
    private static final int GENERATED = 4;

    /** Positions after which the session is cut: a few whole pages. */
    private static final int CONTEXT = 256;

    /** Prompts and generations after which the compiler has seen enough: it takes a method on after some thousand calls or loops. */
    private static final int ROUNDS = 400;

    OpeningWarmUp(Original original) {
        super(original);
    }

    @Override
    void warm(LoadedWeights model, Backends backends, WorkerPool pool) {
        KvCache cache = new KvCache(model.spec().layers(), KvType.F16);
        ForwardPass pass = new ForwardPass(model, backends, pool, cache, List.of(), RefinerErrors.FAIL, CONTEXT, PROMPTS[0]);
        pass.silence();
        int[] tokens = new int[PROMPTS[0]];
        for (int round = 0; round < ROUNDS && goesOn(); round++) {
            int prompt = PROMPTS[round % PROMPTS.length];
            if (cache.length() + prompt + GENERATED > CONTEXT) {
                cache.clear();
            }
            cache.grow(prompt);
            pass.append(tokens, 0, prompt, LogitsConsumer.NONE, true);
            for (int i = 0; i < GENERATED && goesOn(); i++) {
                cache.grow(1);
                pass.append(tokens, 0, 1, LogitsConsumer.NONE, true);
            }
        }
        cache.clear();
    }
}
