package dev.winnow.launcher.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

    private ProgressBar bar(boolean terminal) {
        return new ProgressBar(
                new Console(InputStream.nullInputStream(), OutputStream.nullOutputStream(), messages, false, terminal, false), "prompt");
    }

    private String shown() {
        return messages.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aShortPromptShowsNothing() {
        try (ProgressBar bar = bar(true)) {
            bar.progress(1, 2);
        }
        assertEquals("", shown());
    }

    @Test
    void aLongPromptIsShownAndErased() throws InterruptedException {
        try (ProgressBar bar = bar(true)) {
            Thread.sleep(600); // longer than the half second in which nothing is shown
            bar.progress(512, 1024);
            assertTrue(shown().contains("[############............] 512/1024 tokens"), shown());
            assertTrue(shown().startsWith("\r\u001b[K\u001b[?7l") && shown().endsWith("\u001b[?7h"),
                    "a long label goes on in the next line");
        }
        assertTrue(shown().endsWith("\r\u001b[K"), shown());
    }

    @Test
    void nothingIsShownWhereNobodyLooks() throws InterruptedException {
        try (ProgressBar bar = bar(false)) {
            Thread.sleep(600);
            bar.progress(512, 1024);
        }
        assertEquals("", shown());
    }
}
