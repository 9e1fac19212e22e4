package dev.winnow.core.runtime;

import dev.winnow.api.RefinerReport;
import dev.winnow.core.model.ForwardPass;
import dev.winnow.spi.KvType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Decides when the code of a model is warmed up. Thread-safe. */
final class WarmUps implements AutoCloseable {

    /** Tokens of a prompt that takes so long that the code of generation can be compiled beside it. */
    private static final int LONG_PROMPT = ForwardPass.CHUNK;

    private final WarmUp.Original original;
    private final Set<Generating> warm = new HashSet<>();
    private WarmUp latest;

    /** What decides which code generates. */
    private record Generating(List<RefinerReport> refiners, KvType kvType) {}

    /** Starts the warm-up of a model that is being opened. */
    WarmUps(WarmUp.Original original) {
        this.original = original;
        this.latest = new OpeningWarmUp(original);
        latest.start();
    }

    /**
     * A session that has the workers begins to append tokens, and needs the processors. Where it will need them long, the generation after that is warmed up, once
     * for each choice of refiners.
     */
    synchronized void begin(CoreSession session, int tokens) {
        close();
        if (tokens >= LONG_PROMPT && warm.add(new Generating(session.refiners(), session.kvType()))) {
            latest = new GenerationWarmUp(original, session::refinersLike, session.kvType(), session.length() + tokens);
            latest.start();
        }
    }

    /** Ends what is being warmed up: tokens are going to be generated, or nothing any more. */
    @Override
    public synchronized void close() {
        latest.close();
    }
}
