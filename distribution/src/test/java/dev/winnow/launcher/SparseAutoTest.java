package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.core.gguf.GgufCopier;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.MetadataEdit;
import dev.winnow.core.profile.ModelProfile;
import dev.winnow.core.profile.SparseProfile;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs when nobody names a refiner: metadata and profiles decide, and without them attention is dense, bit for bit. */
class SparseAutoTest {

    private static final String PROFILE = "prefill=blocks,block=4,decode=dense,min-context=64,head-tau=0/0.5/1:0101.";

    private final Path folder;
    private final Path file;

    SparseAutoTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        file = TinyModel.in(folder);
    }

    /** The logits after a prompt, and the share of keys that it kept. */
    private record Outcome(List<Float> logits, double kept) {}

    private static Outcome run(Path file, SessionOptions options) {
        int[] tokens = new Random(1).ints(400, 0, 256).toArray();
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(options)) {
            session.append(tokens);
            List<Float> logits = new ArrayList<>();
            for (float logit : session.logits()) {
                logits.add(logit);
            }
            return new Outcome(logits, session.statistics(AttentionPhase.PREFILL).keptRatio());
        }
    }

    private static SparseProfile profile(String digest, double change) {
        return new SparseProfile(digest, "sparsek", PROFILE, 400, 0.005, "a text",
                new SparseProfile.Judgement(change, 0.001, 0.001, 0.5, 0.05), SparseProfile.Judgement.DENSE);
    }

    private static String digest(Path model) {
        try (GgufFile opened = GgufFile.open(model)) {
            return ModelProfile.digest(opened);
        }
    }

    private Path annotated(String... settings) {
        Path annotated = folder.resolve("annotated.gguf");
        try (GgufFile source = GgufFile.open(file)) {
            GgufCopier.annotate(source, annotated, Stream.of(settings).map(text -> MetadataEdit.parse(text, source.metadata())).toList());
        }
        return annotated;
    }

    @Test
    void withoutMetadataAndProfileAttentionIsDense() {
        Outcome dense = run(file, SessionOptions.defaults().dense());
        Outcome automatic = run(file, SessionOptions.defaults());
        assertEquals(dense.logits(), automatic.logits());
        assertEquals(1, automatic.kept());
    }

    @Test
    void annotatedModelsAreSparse() {
        Path annotated = annotated("llama.sparsek.enable=true", "llama.sparsek.top_k=16", "llama.sparsek.window=8");
        Outcome automatic = run(annotated, SessionOptions.defaults());
        Outcome asked = run(file, SessionOptions.defaults().withRefiner("sparsek", Settings.parse("sparsek", "top-k=16,window=8")));
        assertTrue(automatic.kept() < 0.5, "kept " + automatic.kept());
        assertEquals(asked.logits(), automatic.logits());
        assertEquals(run(file, SessionOptions.defaults()).logits(), run(annotated, SessionOptions.defaults().dense()).logits());
    }

    @Test
    void provenProfilesOfTheModelAreUsed() {
        Outcome dense = run(file, SessionOptions.defaults());
        Outcome asked = run(file, SessionOptions.defaults().withRefiner("sparsek", Settings.parse("sparsek", PROFILE)));
        assertTrue(asked.kept() < 1);
        assertNotEquals(dense.logits(), asked.logits());

        Path beside = ModelProfile.pathOf(file);
        profile(digest(file), 0.004).write(beside);
        assertEquals(asked.logits(), run(file, SessionOptions.defaults()).logits());
        assertEquals(dense.logits(), run(file, SessionOptions.defaults().dense()).logits(), "off is off");

        profile(digest(file), 0.006).write(beside);
        assertEquals(dense.logits(), run(file, SessionOptions.defaults()).logits(), "has lost too much");

        profile("sha256:00", 0.004).write(beside);
        assertEquals(dense.logits(), run(file, SessionOptions.defaults()).logits(), "of another model");
    }

    @Test
    void modelsMayHoldTheirProfile() {
        Outcome dense = run(file, SessionOptions.defaults());
        Outcome asked = run(file, SessionOptions.defaults().withRefiner("sparsek", Settings.parse("sparsek", PROFILE)));

        Path model = annotated(ModelProfile.KEY + "=" + profile(digest(file), 0.004).json());
        assertEquals(asked.logits(), run(model, SessionOptions.defaults()).logits());
        assertEquals(dense.logits(), run(model, SessionOptions.defaults().dense()).logits(), "off is off");

        model = annotated(ModelProfile.KEY + "=" + profile(digest(file), 0.006).json());
        assertEquals(dense.logits(), run(model, SessionOptions.defaults()).logits(), "has lost too much");

        model = annotated(ModelProfile.KEY + "=" + profile(digest(file), 0.004).json(), "llama.rope.freq_base:f32=20000");
        assertEquals(1, run(model, SessionOptions.defaults()).kept(), "the attention of this model is another one");
    }
}
