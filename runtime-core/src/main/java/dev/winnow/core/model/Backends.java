package dev.winnow.core.model;

import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.LinearBackend;

/**
 * The backends that a model uses.
 *
 * @param names what to call them in messages
 */
public record Backends(AttentionBackend attention, LinearBackend linear, ElementwiseBackend elementwise, Names names) {

    /** Ids and places of the backends, for example {@code 'cpu' from plugin-cpu.jar}. */
    public record Names(String attention, String linear, String elementwise) {}
}
