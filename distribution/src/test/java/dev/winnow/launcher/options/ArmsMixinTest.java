package dev.winnow.launcher.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.profile.ModelProfile;
import dev.winnow.core.profile.SparseProfile;
import dev.winnow.launcher.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ArmsMixinTest {

    @TempDir
    private Path folder;

    private List<EvalArm> arms(Map<String, ?> metadata, String... values) throws IOException {
        Path file = folder.resolve("tiny.gguf");
        TinyModel.write(file, metadata);
        ArmsMixin mixin = new ArmsMixin();
        CommandLine line = new CommandLine(CommandLine.Model.CommandSpec.create().addMixin("arms",
                CommandLine.Model.CommandSpec.forAnnotatedObject(mixin)));
        line.parseArgs(List.of(values).stream().flatMap(value -> List.of("--sparse", value).stream()).toArray(String[]::new));
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).build();
                Model model = runtime.load(file, ModelOptions.defaults())) {
            return mixin.arms(model, SessionOptions.defaults().withContextLength(64));
        }
    }

    private static List<String> names(List<EvalArm> arms) {
        return arms.stream().map(EvalArm::name).toList();
    }

    @Test
    void denseComesFirst() throws IOException {
        assertEquals(List.of("dense"), names(arms(Map.of())));
        assertEquals(List.of("dense"), names(arms(Map.of(), "off")));
        List<EvalArm> arms = arms(Map.of(), "sparsek:top-k=8,window=4,off", "swa:window=16+sparsek:top-k=2");
        assertEquals(List.of("dense", "exact", "swa+exact"), names(arms));
        assertEquals(List.of("off", "sparsek:top-k=8,window=4", "swa:window=16+sparsek:top-k=2"),
                arms.stream().map(EvalArm::specification).toList());
        assertFalse(arms.getFirst().options().metadataRefiners());
        assertEquals("top-k=8,window=4", Objects.requireNonNull(arms.get(1).options().refiners().get("sparsek")).toString());
        assertEquals(List.of("swa", "sparsek"), List.copyOf(arms.get(2).options().refiners().keySet()));
        assertEquals(64, arms.get(2).options().contextLength());
    }

    @Test
    void namesSayWhatAnArmDoes() throws IOException {
        assertEquals(List.of("dense", "best", "exact", "blocks-pages", "static", "int8", "swa"), names(arms(Map.of(),
                "best=sparsek:top-k=8,window=4,sparsek:top-k=2", "sparsek:prefill=blocks,head-tau=0/0.98:0101.1010,block=4",
                "sparsek:selection=static",
                "sparsek:prefill=dense,decode=int8", "swa:window=16,sinks=4")));
        assertEquals(List.of("dense", "exact top-k=8,window=4", "exact top-k=2", "two"),
                names(arms(Map.of(), "sparsek:top-k=8,window=4,sparsek:top-k=2,two=sparsek:top-k=3")));
        assertEquals(List.of("dense", "blocks-pages-2", "blocks-pages"), // one was given, and the other is made to differ from it
                names(arms(Map.of(), "sparsek:prefill=blocks", "blocks-pages=sparsek:prefill=blocks,tau=0.5")));
        assertEquals(List.of("dense", "page.16_a", "auto-2"),
                names(arms(Map.of(), "page.16_a=sparsek:selection=pages,auto-2=sparsek:top-k=4")));
    }

    @Test
    void whatLooksLikeANameCanBeASetting() throws IOException {
        EvalArm arm = arms(Map.of(), "sparsek:top-k=8,prefill=blocks,decode=auto,head-tau=0/1:0101.1010").getLast();
        assertEquals("sparsek:decode=auto,head-tau=0/1:0101.1010,prefill=blocks,top-k=8", arm.specification());
    }

    @Test
    void autoIsMeasuredWhereTheMetadataAsksForIt() throws IOException {
        Map<String, Object> sparse = Map.of("llama.sparsek.enable", true, "llama.sparsek.top_k", 8, "llama.sparsek.window", 4);
        assertEquals(List.of("dense", "auto"), names(arms(sparse)));
        assertEquals(List.of("dense", "auto"), names(arms(sparse, "off", "auto")));
        assertEquals(List.of("dense", "as-given"), names(arms(sparse, "as-given=auto")));
        assertEquals(List.of("dense"), names(arms(sparse, "off")));
        assertTrue(assertThrows(WinnowException.class, () -> arms(Map.of(), "auto")).toString().contains("refiner inactive"));
    }

    @Test
    void profilesAreOfOneModel() throws IOException {
        Path file = folder.resolve("profile.json");
        TinyModel.write(folder.resolve("tiny.gguf"));
        String digest;
        try (GgufFile model = GgufFile.open(folder.resolve("tiny.gguf"))) {
            digest = ModelProfile.digest(model);
        }
        SparseProfile.Judgement judgement = SparseProfile.Judgement.DENSE;
        new SparseProfile(digest, "sparsek", "top-k=8", 64, 0.005, "a", judgement, judgement).write(file);
        assertEquals("sparsek:top-k=8", arms(Map.of(), file.toString()).getLast().specification());
        WinnowException error = assertThrows(WinnowException.class, () -> arms(Map.of("llama.another", 1), file.toString()));
        assertEquals(WinnowException.Kind.USAGE, error.kind());
        assertTrue(String.valueOf(error.getMessage()).contains("profile.json was made for another model than "), error.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            top-k=8                     | no mask refiner stands before the setting 'top-k=8'
            off,,auto                   | empty value
            sparsek:top-k=8,sparsek:top-k=8 | twice
            sparsek:top-k=8+sparsek:window=8 | 'sparsek' is asked for twice
            sparsek:top-k               | not of the form name=value
            x=sparsek:top-k=8,x=sparsek:top-k=9 | uses the name 'x' twice
            dense=sparsek:top-k=8       | belongs to dense attention
            a b=sparsek:top-k=8         | 'a b' is no name for an arm
            =sparsek:top-k=8            | '' is no name for an arm
            x=blocks                    | There is no refiner plug-in 'blocks'
            nobody                      | There is no refiner plug-in 'nobody'
            sparsek:top-k=many          | 'many' is not a value
            """)
    void whatHasNoMeaningIsSaid(String value, String expected) {
        WinnowException error = assertThrows(WinnowException.class, () -> arms(Map.of(), value));
        assertEquals(WinnowException.Kind.USAGE, error.kind());
        assertTrue(String.valueOf(error.getMessage()).contains(expected), error.toString());
    }
}
