package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.profile.ModelProfile;
import dev.winnow.core.profile.SparseProfile;
import dev.winnow.launcher.output.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code winnow calibrate} with a tiny random model, whose heads need nearly every key. */
class CalibrateTest {

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path text = Path.of("");
    private Path other = Path.of("");
    private String out = "";
    private String err = "";

    @BeforeEach
    void write() throws IOException {
        model = folder.resolve("tiny.gguf");
        TinyModel.write(model);
        text = Files.writeString(folder.resolve("text.txt"), sentences("The miller takes sack number "));
        other = Files.writeString(folder.resolve("other.txt"), sentences("Nobody has asked for sack number "));
    }

    private static String sentences(String begin) {
        StringBuilder sentences = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            sentences.append(begin).append(i * 37 % 101).append(" and keeps the grain. ");
        }
        return sentences.toString();
    }

    private int winnow(String... words) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        Console console = new Console(new ByteArrayInputStream(new byte[0]), outBytes, errBytes, false, false, false);
        int exitCode = Winnow.run(console, words);
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return exitCode;
    }

    private int calibrate(String... more) {
        List<String> words = new ArrayList<>(List.of("calibrate", "-m", model.toString(), "-t", "2", "-c", "4096", "--target-ppl", "20%",
                "--text", text.toString(), "--held-out", other.toString()));
        words.addAll(List.of(more));
        return winnow(words.toArray(String[]::new));
    }

    /** Continues a long prompt. */
    private int run(String sparse) {
        return winnow("run", "-m", model.toString(), "-t", "2", "-c", "10000", "-f", text.toString(), "-n", "1", "--sparse", sparse);
    }

    @Test
    void whatItWritesIsUsed() {
        assertEquals(0, calibrate(), err);
        assertTrue(err.contains("prompts, trial 5 of 5: keeps ") && err.contains("held-out other.txt, prompts: keeps "), err);
        assertTrue(out.contains("Held out:   other.txt\n") && out.contains("Generation: dense\n"), out);
        Path file = ModelProfile.pathOf(model);
        SparseProfile profile = SparseProfile.read(file);
        assertTrue(profile.prompts().keptRatio() < 1, profile.toString());
        assertEquals(SparseProfile.Judgement.DENSE, profile.generation());
        assertEquals(4096, profile.contextLength());
        assertEquals("other.txt", profile.heldOut());
        assertEquals(profile.isProven(), out.contains("--sparse auto uses it from now on."), out);

        assertEquals(0, run(file.toString()), err);
        assertTrue(err.contains("kept keys: "), err); // nearly all: a prompt of this model needs one of its two layers for the last position only
    }

    @Test
    void aModelMayHoldIt() {
        Path copy = folder.resolve("sparse.gguf");
        assertEquals(0, calibrate("--gguf", copy.toString()), err);
        assertTrue(out.contains("Profile:    " + copy), out);
        assertFalse(Files.exists(ModelProfile.pathOf(model)) || Files.exists(ModelProfile.pathOf(copy)));
        try (GgufFile opened = GgufFile.open(copy); GgufFile original = GgufFile.open(model)) {
            assertEquals(ModelProfile.digest(original), ModelProfile.digest(opened));
            assertTrue(opened.metadata().string(ModelProfile.KEY).orElseThrow().contains("\"held_out\": \"other.txt\""));
            assertEquals(Optional.empty(), original.metadata().string(ModelProfile.KEY));
        }
        assertEquals(0, run("auto"), err);
        assertTrue(err.contains("--sparse auto finds nothing to leave out"), err);
    }

    @Test
    void whatCannotBeDoneIsSaidBeforeAnythingIsMeasured() throws IOException {
        String file = model.toString();
        assertEquals(2, winnow("calibrate", "-m", file, "-c", "2048", "--text", text.toString()));
        assertTrue(err.contains("The context of 2048 tokens is too short to calibrate: give 4096 or more (-c)."), err);
        Path shorter = Files.writeString(folder.resolve("short.txt"), "Too short.");
        assertEquals(2, winnow("calibrate", "-m", file, "-c", "4096", "--text", text.toString(), "--held-out", shorter.toString()));
        assertTrue(err.contains("needs at least 8192 tokens") && !err.contains("trial"), err);
        assertEquals(2, winnow("calibrate", "-m", file, "--text", text.toString(), "--profile", "a.json", "--gguf", "b.gguf"));
        assertTrue(err.contains("Both --profile and --gguf"), err);
        assertEquals(2, calibrate("--gguf", file));
        assertTrue(err.contains("is the model itself") && !err.contains("trial"), err);
        assertEquals(2, calibrate("--profile", folder.resolve("none/a.json").toString()));
        assertTrue(err.contains("none/a.json cannot be written: there is no such folder.") && !err.contains("trial"), err);
        Path again = Files.copy(text, Files.createDirectories(folder.resolve("other")).resolve("text.txt"));
        assertEquals(2, calibrate("--text", again.toString()));
        assertTrue(err.contains("The texts " + text + " and " + again + " have the same name") && !err.contains("trial"), err);
        assertEquals(2, winnow("run", "-m", file, "-p", "a", "-n", "1", "--sparse", folder.resolve("none.json").toString()));
        assertTrue(err.contains("none.json cannot be read") && err.contains("'winnow calibrate' makes one"), err);
    }
}
