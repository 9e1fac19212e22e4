package dev.winnow.core.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparseProfileTest {

    @TempDir
    private Path folder;

    private static SparseProfile profile(double change, double kld) {
        return new SparseProfile("sha256:00", "sparsek", "head-tau=0/1:01.10,prefill=blocks", 8192, 0.005, "a \"text\"",
                new SparseProfile.Judgement(change, 0.0021, kld, 0.31, 0.0625), SparseProfile.Judgement.DENSE);
    }

    @Test
    void isReadAsItWasWritten() throws IOException {
        Path file = folder.resolve("profile.json");
        SparseProfile profile = profile(-0.0012, 3.5e-4);
        profile.write(file);
        profile.write(file);
        assertEquals(profile, SparseProfile.read(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count(), "nothing else is left");
        }
    }

    @Test
    void onlyWhatHasShownLittleLossIsProven() {
        assertTrue(profile(0.005, 0.01).isProven());
        assertTrue(profile(-0.01, 0).isProven());
        assertFalse(profile(0.0051, 0).isProven());
        assertFalse(profile(-0.01, 0.0101).isProven(),
                "that perplexity falls is luck, where predictions are far from those of dense attention");
        assertFalse(profile(Double.NaN, 0).isProven());
        SparseProfile prompts = profile(0, 0);
        assertFalse(new SparseProfile("", "sparsek", "", 8192, 0.005, "", prompts.prompts(), profile(0.01, 0).prompts()).isProven());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{\"format\": \"winnow-sparse-profile-1\"}", "{\"format\": \"other\"}",
            "{\"format\": \"winnow-sparse-profile-1\",}", "{\"a\": 1 \"b\": 2}", "{\"a\": {}}", "{\"a\": 1, \"a\": 1}", "{\"a\": 01x}"})
    void wrongFilesAreOneSentence(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("wrong.json"), content);
        WinnowException e = assertThrows(WinnowException.class, () -> SparseProfile.read(file));
        assertEquals(WinnowException.Kind.USAGE, e.kind());
        assertTrue(String.valueOf(e.getMessage()).startsWith("The sparse profile " + file + " cannot be used: "), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tau", "tau=1,tau=2", "=1"})
    void wrongSettingsAreOneSentence(String settings) throws IOException {
        SparseProfile written = profile(0, 0);
        Path file = Files.writeString(folder.resolve("wrong.json"), written.json().replace(written.settings(), settings));
        WinnowException e = assertThrows(WinnowException.class, () -> SparseProfile.read(file));
        assertEquals(WinnowException.Kind.USAGE, e.kind());
        assertTrue(String.valueOf(e.getMessage()).startsWith("The sparse profile " + file + " cannot be used: sparsek: "), e.getMessage());
    }

    @Test
    void jsonKeepsTextsAndNumbers() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("text", "a \"quoted\" \\ / ü");
        fields.put("whole", 8192.0);
        fields.put("small", -1.25e-7);
        assertEquals(fields, FlatJson.parse(FlatJson.write(fields)));
        assertEquals(Map.of("a", 1.0, "b", "x"), FlatJson.parse(" {\"a\":1,\n\t\"b\" : \"x\"}\n"));
    }
}
