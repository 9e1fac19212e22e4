package dev.winnow.api;

import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.ModelMetadata;
import java.util.List;
import java.util.Optional;

/** A loaded model. Thread-safe. Close its sessions first. */
public interface Model extends AutoCloseable {

    /** Returns what the model is. */
    ModelInfo info();

    /** Returns the metadata of the file. */
    ModelMetadata metadata();

    /** Returns the layers. */
    List<LayerSpec> layers();

    /**
     * Returns the tokenizer.
     *
     * @throws WinnowException if the file has none
     */
    Tokenizer tokenizer();

    /** Returns the ids of the backends in use, for reports: attention, linear, elementwise. */
    List<String> backends();

    /**
     * Returns the prompt of a conversation by the model's own chat template, as tokens. Contents of messages are plain text: they cannot forge control
     * tokens. Empty if the file has no template.
     *
     * @param addGenerationPrompt whether the beginning of the assistant's answer is added
     */
    Optional<int[]> chatPrompt(List<ChatMessage> messages, boolean addGenerationPrompt);

    /** Returns a new session without tokens. */
    Session newSession(SessionOptions options);

    /**
     * Unmaps the file, after waiting for what other threads compute on the workers of the runtime. Appending to a session is an
     * {@link IllegalStateException} from then on.
     *
     * @throws IllegalStateException if called from a callback of a session that is appending tokens
     */
    @Override
    void close();
}
