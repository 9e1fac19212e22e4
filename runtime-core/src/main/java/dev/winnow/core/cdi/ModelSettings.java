package dev.winnow.core.cdi;

import dev.winnow.api.ModelOptions;
import dev.winnow.api.SessionOptions;
import java.nio.file.Path;

/**
 * Which model is injected, and what its sessions are like.
 *
 * @param file    the model file
 * @param options how it is loaded
 * @param session options for {@link dev.winnow.api.Model#newSession}; the sessions are the application's own, because each belongs to one thread at a time
 */
public record ModelSettings(Path file, ModelOptions options, SessionOptions session) {}
