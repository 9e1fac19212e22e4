package dev.winnow.launcher.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EscapesTest {

    @Test
    void replacesWhatLlamaCppReplaces() {
        assertEquals("a\n\r\t'\"\\b", Escapes.replace("a\\n\\r\\t\\'\\\"\\\\b"));
        assertEquals("A\n", Escapes.replace("\\x41\\x0a"));
    }

    @Test
    void aHexadecimalEscapeIsAByteOfUtf8() {
        assertEquals("é", Escapes.replace("\\xc3\\xA9"));
    }

    @ParameterizedTest
    @CsvSource({"\\q", "\\x", "\\x4", "\\xg1", "\\x1g", "\\", "no escape", "日本\\語"})
    void leavesEverythingElse(String text) {
        assertEquals(text, Escapes.replace(text));
    }
}
