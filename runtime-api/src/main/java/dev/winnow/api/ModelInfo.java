package dev.winnow.api;

import java.nio.file.Path;

/**
 * What a model is.
 *
 * @param file            the file it was loaded from
 * @param name            {@code general.name}, or the file's name
 * @param architecture    {@code general.architecture}
 * @param description     architecture, size and file type as llama-bench writes them, for example {@code llama 134.52M Q4_1}
 * @param parameters      number of weights
 * @param bytes           size of the tensors in bytes
 * @param layerCount      number of layers
 * @param embeddingLength width of the residual stream
 * @param contextLength   context length of the training
 * @param vocabularySize  number of tokens
 */
public record ModelInfo(Path file, String name, String architecture, String description, long parameters, long bytes, int layerCount,
        int embeddingLength, int contextLength, int vocabularySize) {}
