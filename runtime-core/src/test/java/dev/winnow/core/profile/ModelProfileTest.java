package dev.winnow.core.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufType;
import dev.winnow.core.gguf.GgufValue;
import dev.winnow.core.gguf.GgufWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where profiles are looked for, and which of them belong to a model. */
class ModelProfileTest {

    @TempDir
    private Path folder;

    private Path model(UnaryOperator<GgufMetadata.Builder> change) {
        Path file = folder.resolve("model.gguf");
        GgufMetadata.Builder metadata = GgufMetadata.builder().set("general.architecture", GgufValue.string("llama"))
                .set("general.name", GgufValue.string("a model")).set("llama.block_count", GgufValue.integer(GgufType.U32, 2))
                .set("tokenizer.ggml.tokens", GgufValue.strings("a", "b"));
        new GgufWriter(change.apply(metadata).build()).write(file);
        return file;
    }

    private static String digest(Path file) {
        try (GgufFile model = GgufFile.open(file)) {
            return ModelProfile.digest(model);
        }
    }

    private static ModelProfile find(Path file) {
        try (GgufFile model = GgufFile.open(file)) {
            return ModelProfile.find(model);
        }
    }

    private static SparseProfile profile(String digest, double change) {
        return new SparseProfile(digest, "sparsek", "top-k=8", 8192, 0.005, "jargon.txt", new SparseProfile.Judgement(change, 0, 0, 0.5, 0),
                SparseProfile.Judgement.DENSE);
    }

    @Test
    void namesAndTokenizersDoNotTellModelsApart() {
        String digest = digest(model(metadata -> metadata));
        assertEquals(digest, digest(model(metadata -> metadata.set("general.name", GgufValue.string("another name")))));
        assertEquals(digest, digest(model(metadata -> metadata.set("tokenizer.chat_template", GgufValue.string("{{ x }}")))));
        assertEquals(digest, digest(model(metadata -> metadata.set(ModelProfile.KEY, GgufValue.string("{}")))));
        assertNotEquals(digest, digest(model(metadata -> metadata.set("llama.block_count", GgufValue.integer(GgufType.U32, 3)))));
        assertNotEquals(digest, digest(model(metadata -> metadata.set("llama.sparsek.top_k", GgufValue.integer(GgufType.U32, 3)))));
    }

    @Test
    void theFileBesideTheModelComesFirst() {
        String digest = digest(model(metadata -> metadata));
        SparseProfile own = profile(digest, 0.001);
        SparseProfile stored = profile(digest, 0.002);
        Path file = model(metadata -> metadata.set(ModelProfile.KEY, GgufValue.string(stored.json())));
        assertEquals(new ModelProfile(Optional.of(stored), List.of()), find(file));

        Path beside = ModelProfile.pathOf(file);
        assertEquals("model.gguf.sparse.json", beside.getFileName().toString());
        own.write(beside);
        assertEquals(new ModelProfile(Optional.of(own), List.of()), find(file));

        profile("sha256:00", 0.001).write(beside);
        ModelProfile found = find(file);
        assertEquals(Optional.of(stored), found.profile());
        assertEquals(List.of("The sparse profile " + beside
                + " was made for another model and is not used; 'winnow calibrate' makes one for this."), found.remarks());
    }

    @Test
    void whatHasLostTooMuchIsNotUsedAndThatIsSaid() {
        Path file = model(metadata -> metadata);
        assertEquals(new ModelProfile(Optional.empty(), List.of()), find(file));
        profile(digest(file), 0.0123).write(ModelProfile.pathOf(file));
        ModelProfile found = find(file);
        assertEquals(Optional.empty(), found.profile());
        assertTrue(
                found.remarks().getFirst()
                        .contains("is not used, because on jargon.txt it has cost more than +0.5 %: perplexity +1.23 % in prompts"),
                found.remarks().toString());
    }
}
