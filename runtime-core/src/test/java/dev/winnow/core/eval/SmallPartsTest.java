package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.RefinerReport;
import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallPartsTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void digestsAreThoseOfSha256sum() throws IOException {
        Path file = Files.write(folder.resolve("abc"), "abc".getBytes(StandardCharsets.US_ASCII));
        // FIPS 180-2, appendix B.1
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ModelDigest.sha256(file));
        assertThrows(WinnowException.class, () -> ModelDigest.sha256(folder.resolve("absent")));
    }

    @Test
    void requiredRefinersMayKeepEverything() {
        RefinerReport required = new RefinerReport("swa", true, Map.of());
        RefinerReport chosen = new RefinerReport("sparsek", false, Map.of("top-k", "8"));
        assertFalse(new RefinerActivity(List.of(required), 10, 10).isIdle());
        assertFalse(new RefinerActivity(List.of(required, chosen), 10, 9).isIdle());
        assertFalse(new RefinerActivity(List.of(chosen), 0, 0).isIdle(), "nothing was computed");
        RefinerActivity idle = new RefinerActivity(List.of(required, chosen), 10, 10);
        WinnowException error = assertThrows(WinnowException.class, idle::require);
        assertTrue(error.toString().contains("refiner inactive: sparsek top-k=8 kept all 10 keys"), error.toString());
    }

    @Test
    void anArmHasToRemoveKeysInOneOfItsParts() {
        List<RefinerReport> refiners = List.of(new RefinerReport("sparsek", false, Map.of()));
        ArmActivity arms = new ArmActivity();
        arms.add("late", new RefinerActivity(refiners, 10, 10));
        WinnowException error = assertThrows(WinnowException.class, arms::require);
        assertTrue(error.toString().contains("refiner inactive: late = sparsek"), error.toString());
        arms.add("late", new RefinerActivity(refiners, 30, 29));
        assertDoesNotThrow(arms::require);
    }

    @Test
    void sentencesEndWithPunctuation() {
        assertTrue(Sentences.isEnd("It ends. "));
        assertTrue(Sentences.isEnd("\"Does it?\"\n"));
        assertTrue(Sentences.isEnd("终。"));
        assertTrue(Sentences.isEnd("a heading\n\n"));
        assertFalse(Sentences.isEnd("not here, "));
        assertFalse(Sentences.isEnd("  "));
        assertFalse(Sentences.isEnd(""));
    }

    @Test
    void sizesAreWrittenAsLlamaBenchDoes() {
        assertEquals("91.73 MiB", Units.bytes(96_185_000));
        assertEquals("3.56 GiB", Units.bytes(3_822_520_893L));
        assertEquals("134.52 M", Units.parameters(134_515_008));
        assertEquals("6.74 B", Units.parameters(6_738_415_616L));
    }

    @Test
    void powersOfEAreRoundedAlmostCorrectly() {
        for (int i = -110_000; i <= 95_000; i++) {
            float x = i / 1000f + (i % 7) * 1e-5f;
            float exact = (float) Math.exp(x);
            assertEquals(exact, FloatExp.exp(x), Math.ulp(exact), "e to " + x); // 0.6 ulp can round to the neighbour
        }
        for (float x : new float[]{Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN, -0f, -1e30f, Float.MIN_VALUE}) {
            assertEquals((float) Math.exp(x), FloatExp.exp(x));
        }
    }
}
