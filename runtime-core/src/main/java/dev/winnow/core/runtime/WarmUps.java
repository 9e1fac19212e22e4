package dev.winnow.core.runtime;

import dev.winnow.api.RefinerReport;
import dev.winnow.core.model.ForwardPass;
import dev.winnow.spi.KvType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides when the code of a model is warmed up. Thread-safe. */
final class WarmUps implements AutoCloseable {

    /** Tokens of a prompt that takes so long that the code of generation can be compiled beside it. */
    private static final int LONG_PROMPT = ForwardPass.CHUNK;

    private final WarmUp.Original original;
    private final WarmUp opening;
    private final Set<Generating> warm = new HashSet<>();
    private @Nullable WarmUp generation;

    /** What decides which code generates. */
    private record Generating(List<RefinerReport> refiners, KvType kvType) {}

    /** Starts the warm-up of a model that is being opened. */
    WarmUps(WarmUp.Original original) {
        this.original = original;
        this.opening = new OpeningWarmUp(original);
        opening.start();
    }

    /**
     * A session is about to append tokens, and needs the processors. Where it will need them long, the generation after that is warmed up, once for each choice
     * of refiners.
     */
    synchronized void begin(CoreSession session, int tokens) {
        opening.close();
        if (tokens >= LONG_PROMPT && warm.add(new Generating(session.refiners(), session.kvType()))) {
            close();
            generation = new GenerationWarmUp(original, session::refinersLike, session.kvType(), session.length() + tokens);
            generation.start();
        }
    }

    /** Ends all warm-ups: tokens are going to be generated, or nothing any more. */
    @Override
    public synchronized void close() {
        opening.close();
        if (generation != null) {
            generation.close();
            generation = null;
        }
    }
}
