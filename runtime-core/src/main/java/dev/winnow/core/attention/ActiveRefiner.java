package dev.winnow.core.attention;

import dev.winnow.api.RefinerReport;
import dev.winnow.core.plugin.PluginFailure;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerPhase;

/**
 * A refiner that runs in a session.
 *
 * @param report  what is shown of it
 * @param source  where its provider came from, for messages
 * @param phase   when it runs
 * @param refiner the refiner
 */
public record ActiveRefiner(RefinerReport report, String source, RefinerPhase phase, MaskRefiner refiner) implements AutoCloseable {

    /** Returns what to call it in messages. */
    String label() {
        return "mask refiner '" + report.id() + "' from " + source;
    }

    /** Frees what the refiner holds; one that fails to is reported in the log. */
    @Override
    public void close() {
        try {
            refiner.close();
        } catch (RuntimeException | Error e) {
            System.getLogger(ActiveRefiner.class.getName()).log(System.Logger.Level.WARNING,
                    "When it was closed, the " + label() + " " + PluginFailure.clause(e));
        }
    }
}
