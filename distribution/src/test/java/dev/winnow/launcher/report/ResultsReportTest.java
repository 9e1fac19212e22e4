package dev.winnow.launcher.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.SessionOptions;
import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.Needle;
import dev.winnow.core.eval.NeedleKind;
import dev.winnow.launcher.TinyModel;
import dev.winnow.launcher.output.Console;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsReportTest {

    @TempDir
    private Path folder;

    private int asked;

    /** Fails when it is asked for the fourth time: both models have been checked then, and one is measured. */
    private List<EvalArm> arms(Model model) {
        if (++asked == 4) {
            throw new IllegalStateException("the power is cut");
        }
        SessionOptions options = SessionOptions.defaults();
        return List.of(EvalArm.dense(options),
                new EvalArm("sparse", options.withRefiner("sparsek", Settings.parse("sparsek", "top-k=4,window=8"))));
    }

    @Test
    void whatWasMeasuredBeforeAFailureIsOnThePage() throws IOException {
        List<Path> models = List.of(folder.resolve("one.gguf"), folder.resolve("two.gguf"));
        for (Path model : models) {
            TinyModel.write(model);
        }
        Path page = folder.resolve("page.md");
        ReportPlan plan = new ReportPlan(Set.of(ReportPart.ACCURACY), List.of(), 0, 0, List.of(), 1, new ArmAccuracy.Options(64, 1, 4, 0),
                new Needle.Options(List.of(NeedleKind.PASS_KEY), List.of(), List.of(), List.of(), 1, 1));
        Console console = new Console(InputStream.nullInputStream(), OutputStream.nullOutputStream(), OutputStream.nullOutputStream(),
                false,
                false, false);
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).build()) {
            assertThrows(IllegalStateException.class,
                    () -> ResultsReport.make(console, runtime, models, ModelOptions.defaults(), this::arms,
                            Map.of("a.txt", "The miller keeps the grain. ".repeat(50)), plan, page, "winnow report"));
            String content = Files.readString(page);
            assertTrue(content.contains("**Unfinished:**") && content.contains("\n## one\n") && content.contains("### Accuracy"), content);
            assertFalse(content.contains("## two"), content);

            asked = 4;
            ResultsReport.make(console, runtime, models, ModelOptions.defaults(), this::arms,
                    Map.of("a.txt", "The miller keeps the grain. ".repeat(50)), plan, page, "winnow report");
            content = Files.readString(page);
            assertTrue(!content.contains("Unfinished") && content.contains("\n## one\n") && content.contains("\n## two\n"), content);
            assertEquals(1, content.split("\n# Results").length, content);
        }
    }
}
