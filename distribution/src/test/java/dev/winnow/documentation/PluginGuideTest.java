package dev.winnow.documentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.SamplingOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.Settings;
import dev.winnow.spi.contract.MaskRefinerContract;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The plug-ins of docs/plugin-guide.md. */
class PluginGuideTest {

    @TempDir
    private static Path folder;

    private static Path classes = Path.of("");

    @BeforeAll
    static void compileTheGuide() throws IOException, URISyntaxException {
        DocumentedCode guide = DocumentedCode.of("plugin-guide.md");
        classes = folder.resolve("classes");
        Path api = DocumentedCode.home(MaskRefinerProvider.class);
        guide.compile(name -> !name.endsWith("Test"), classes, List.of(api));
        guide.compile(name -> name.endsWith("Test"), classes, List.of(api, DocumentedCode.home(MaskRefinerContract.class),
                DocumentedCode.home(Test.class), DocumentedCode.home(ParameterizedTest.class), DocumentedCode.home(LauncherFactory.class),
                DocumentedCode.home(org.apiguardian.api.API.class)));
        long lines = guide.source("SinkWindowProvider").lines().filter(line -> !line.isBlank() && !line.startsWith("import")).count();
        assertTrue(lines <= 31, "the first example has " + lines + " lines and not thirty besides its package");
    }

    private static URLClassLoader loader() throws IOException {
        return new URLClassLoader(new URL[]{classes.toUri().toURL()}, PluginGuideTest.class.getClassLoader());
    }

    @ParameterizedTest
    @CsvSource({"SinkWindowTest", "PageMeanTest"})
    void fulfilTheContract(String test) throws IOException, ClassNotFoundException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = loader()) {
            thread.setContextClassLoader(loader);
            SummaryGeneratingListener listener = new SummaryGeneratingListener();
            LauncherFactory.create().execute(
                    LauncherDiscoveryRequestBuilder.request().selectors(selectClass(loader.loadClass("example." + test))).build(),
                    listener);
            TestExecutionSummary summary = listener.getSummary();
            assertEquals(List.of(), summary.getFailures().stream().map(failure -> failure.getTestIdentifier().getDisplayName() + ": "
                    + failure.getException()).toList());
            assertTrue(summary.getTestsSucceededCount() > 10, summary.getTestsSucceededCount() + " tests");
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SinkWindowProvider | window=1024 | sinks=2,window=32
            PageMeanProvider   | pages=16    | pages=1
            """)
    void runInAModel(String className, String everything, String little) throws IOException, ReflectiveOperationException {
        Path file = folder.resolve(className + ".gguf");
        TinyModel.write(file);
        try (URLClassLoader loader = loader()) {
            MaskRefinerProvider provider = (MaskRefinerProvider) loader.loadClass("example." + className).getConstructor().newInstance();
            try (InferenceRuntime runtime = InferenceRuntime.builder().provider(provider).threads(2).build();
                    Model model = runtime.load(file, ModelOptions.defaults());
                    Session dense = model.newSession(SessionOptions.defaults());
                    Session all = model
                            .newSession(SessionOptions.defaults().withRefiner(provider.id(), Settings.parse(provider.id(), everything)));
                    Session few = model
                            .newSession(SessionOptions.defaults().withRefiner(provider.id(), Settings.parse(provider.id(), little)))) {
                assertEquals(generate(dense), generate(all), "a refiner that keeps every key changes the answer");
                generate(few);
                assertEquals(1, all.statistics(AttentionPhase.PREFILL).keptRatio());
                assertTrue(few.statistics(AttentionPhase.PREFILL).keptRatio() < 0.6, few.statistics(AttentionPhase.PREFILL).toString());
                assertTrue(few.statistics(AttentionPhase.DECODE).keptRatio() < 0.5, few.statistics(AttentionPhase.DECODE).toString());
            }
        }
    }

    private static List<Integer> generate(Session session) {
        int[] prompt = IntStream.range(0, 600).map(i -> (31 * i + i * i / 7) % 250).toArray();
        GenerationRequest request = GenerationRequest.of(prompt).withMaxTokens(8).withSampling(SamplingOptions.greedy())
                .withIgnoreEos(true);
        return session.generate(request, GenerationListener.SILENT).tokens();
    }
}
