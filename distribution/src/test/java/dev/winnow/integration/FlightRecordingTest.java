package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording hears: the same numbers as the statistics of the session. */
class FlightRecordingTest {

    private static final int LAYERS = 2; // of the tiny model
    private static final int PROMPT = 600; // two chunks

    @TempDir
    private Path folder;

    @Test
    void recordingsHoldWhatStatisticsSay() throws IOException {
        Path file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
        Path dump = folder.resolve("winnow.jfr");
        long base;
        long kept;
        try (Recording recording = new Recording();
                InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build()) {
            recording.start();
            try (Model model = runtime.load(file, ModelOptions.defaults());
                    Session session = model.newSession(
                            SessionOptions.defaults().withRefiner("sparsek",
                                    Settings.parse("sparsek", "top-k=16,window=16,selection=exact")))) {
                int[] prompt = IntStream.range(0, PROMPT).map(i -> (31 * i + i * i / 7) % 250).toArray();
                session.generate(GenerationRequest.of(prompt).withMaxTokens(4).withIgnoreEos(true), GenerationListener.SILENT);
                base = session.statistics(AttentionPhase.PREFILL).baseKeys() + session.statistics(AttentionPhase.DECODE).baseKeys();
                kept = session.statistics(AttentionPhase.PREFILL).keptKeys() + session.statistics(AttentionPhase.DECODE).keptKeys();
            }
            recording.stop();
            recording.dump(dump);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(dump).stream()
                .filter(event -> event.getEventType().getName().startsWith("dev.winnow.")).toList();
        assertEquals(1, count(events, "ModelLoad"));
        assertEquals("cpu", of(events, "ModelLoad").getFirst().getString("attentionBackend"));
        assertEquals(PROMPT, of(events, "Prefill").stream().mapToInt(event -> event.getInt("tokens")).sum());
        assertEquals(3, count(events, "Decode")); // the fourth token is chosen and not computed
        int skipped = count(events, "Prefill") - 1; // nobody wants the last layer's output of a chunk that is not the last
        assertEquals(LAYERS * (count(events, "Prefill") + count(events, "Decode")) - skipped, count(events, "Attention"));
        assertEquals(base, of(events, "Attention").stream().mapToLong(event -> event.getLong("baseKeys")).sum());
        assertEquals(kept, of(events, "Attention").stream().mapToLong(event -> event.getLong("keptKeys")).sum());
        assertTrue(kept < base, kept + " of " + base);
        List<RecordedEvent> refined = of(events, "Refiner");
        assertTrue(refined.stream().allMatch(event -> event.getString("refiner").equals("sparsek")), refined.toString());
        assertTrue(refined.stream().anyMatch(event -> event.getDouble("keptRatio") < 0.5), refined.toString());
        assertTrue(events.stream().noneMatch(event -> event.getDuration().isNegative()));
    }

    private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals("dev.winnow." + name)).toList();
    }

    private static int count(List<RecordedEvent> events, String name) {
        return of(events, name).size();
    }
}
