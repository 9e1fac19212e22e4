package dev.winnow.launcher.command;

import dev.winnow.api.GenerationResult;
import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.Session;
import dev.winnow.spi.AttentionPhase;
import java.util.Locale;

/** The one line at the end: what was computed, how fast, and how much of the attention was left out. */
final class Summary {

    private Summary() {}

    static String of(GenerationResult result, Session session) {
        StringBuilder line = new StringBuilder("prompt: ").append(result.promptTokens()).append(" tokens");
        if (result.cachedTokens() > 0) {
            line.append(" (").append(result.cachedTokens()).append(" kept from before)");
        }
        line.append(String.format(Locale.ROOT, ", %.1f t/s; generated: %d tokens, %.1f t/s", result.promptTokensPerSecond(),
                result.tokens().size(), result.generatedTokensPerSecond()));
        if (session.refiners().stream().anyMatch(refiner -> !refiner.required())) {
            PhaseStatistics prefill = session.statistics(AttentionPhase.PREFILL);
            PhaseStatistics decode = session.statistics(AttentionPhase.DECODE);
            long base = prefill.baseKeys() + decode.baseKeys();
            long kept = prefill.keptKeys() + decode.keptKeys();
            line.append(String.format(Locale.ROOT, "; kept keys: %.1f %%", base == 0 ? 100.0 : 100.0 * kept / base));
        }
        return switch (result.finishReason()) {
            case CONTEXT_FULL -> line.append("; stopped: the context is full (-c)").toString();
            case CANCELLED -> line.append("; interrupted").toString();
            case TIMEOUT -> line.append("; stopped: the time is over (--timeout)").toString();
            case END_OF_GENERATION, STOP_STRING, LENGTH -> line.toString();
        };
    }
}
