package dev.winnow.core.eval;

import dev.winnow.api.ChatMessage;
import dev.winnow.api.Model;
import dev.winnow.api.ModelInfo;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.Tokenizer;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.ModelMetadata;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model that looks for places in the text where the last few tokens stood before and predicts what followed them there; beneath that lies noise that depends
 * on the last two tokens. The refiner {@code recent} with the setting {@code window} hides everything further back, so that needles get lost.
 */
final class FakeModel implements Model {

    private final FakeTokenizer tokenizer;
    private final int trained;

    FakeModel(boolean addsBos) {
        this(addsBos, 4096);
    }

    FakeModel(boolean addsBos, int trained) {
        tokenizer = new FakeTokenizer(addsBos);
        this.trained = trained;
    }

    @Override
    public ModelInfo info() {
        return new ModelInfo(Path.of("models", "fake.gguf"), "Fake", "fake", "fake 1B F32", 1_000_000_000L, 4_000_000_000L, 1, 1, trained,
                tokenizer.vocabularySize());
    }

    @Override
    public ModelMetadata metadata() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<LayerSpec> layers() {
        return List.of();
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public List<String> backends() {
        return List.of("reference", "reference", "reference");
    }

    @Override
    public Optional<int[]> chatPrompt(List<ChatMessage> messages, boolean addGenerationPrompt) {
        return Optional.empty();
    }

    @Override
    public Session newSession(SessionOptions options) {
        return new FakeSession(this, options);
    }

    @Override
    public void close() {}
}
