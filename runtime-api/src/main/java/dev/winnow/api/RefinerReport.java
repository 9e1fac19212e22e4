package dev.winnow.api;

import java.util.Map;

/**
 * A refiner of a session.
 *
 * @param id         name of the provider
 * @param required   whether the model needs it
 * @param parameters effective parameters
 */
public record RefinerReport(String id, boolean required, Map<String, String> parameters) {
    /** Copies the parameters. */
    public RefinerReport {
        parameters = Map.copyOf(parameters);
    }
}
