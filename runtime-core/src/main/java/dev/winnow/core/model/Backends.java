package dev.winnow.core.model;

import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.LinearBackend;

/** The backends that a model uses. */
public record Backends(AttentionBackend attention, LinearBackend linear, ElementwiseBackend elementwise) {}
