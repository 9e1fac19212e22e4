package dev.winnow.core.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparseProfileTest {

    @TempDir
    private Path folder;

    private static SparseProfile profile(String digest, double change) {
        return new SparseProfile(digest, "sparsek", "head-tau=0/1:01.10,prefill=blocks", 8192, 0.005, change, 0.0021, 3.5e-4, 0.31, 0.0625);
    }

    @Test
    void isReadAsItWasWritten() throws IOException {
        Path model = Files.writeString(folder.resolve("model.gguf"), "weights");
        Path file = SparseProfile.pathOf(model);
        assertEquals("model.gguf.sparse.json", file.getFileName().toString());
        assertEquals(Optional.empty(), SparseProfile.find(model), "there is none yet");
        SparseProfile profile = profile(SparseProfile.digest(model), -0.0012);
        profile.write(file);
        assertEquals(Optional.of(profile), SparseProfile.find(model));
        Files.writeString(model, "weightz");
        assertEquals(Optional.empty(), SparseProfile.find(model), "of another model");
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count(), "nothing else is left");
        }
    }

    @Test
    void onlyWhatHasShownLittleLossIsProven() {
        assertTrue(profile("", 0.005).isProven());
        assertTrue(profile("", -0.01).isProven());
        assertFalse(profile("", 0.0051).isProven());
        assertFalse(profile("", Double.NaN).isProven());
    }

    @Test
    void theSizeIsPartOfTheDigest() throws IOException {
        Path one = Files.write(folder.resolve("one"), new byte[17 << 20]);
        Path other = Files.write(folder.resolve("other"), new byte[18 << 20]);
        assertNotEquals(SparseProfile.digest(one), SparseProfile.digest(other));
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
