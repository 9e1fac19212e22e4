package dev.winnow.documentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.winnow.api.FinishReason;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.core.cdi.RuntimeSettings;
import dev.winnow.cpu.CpuLinearBackendProvider;
import dev.winnow.launcher.TinyModel;
import dev.winnow.sparsek.SparseKRefinerProvider;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/embedding.md. */
class EmbeddingTest {

    @TempDir
    private static Path folder;

    private static Path classes = Path.of("");
    private static Path file = Path.of("");
    private static URLClassLoader loader = new URLClassLoader(new URL[0]);

    @BeforeAll
    static void compileTheGuide() throws IOException {
        classes = folder.resolve("classes");
        List<Path> classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).map(Path::of).toList();
        DocumentedCode.of("embedding.md").compile(name -> true, classes, classPath);
        file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
        loader = new URLClassLoader(new URL[]{classes.toUri().toURL()}, EmbeddingTest.class.getClassLoader());
    }

    @AfterAll
    static void close() throws IOException {
        loader.close();
    }

    private static Object call(String className, String method, Object... arguments) throws ReflectiveOperationException {
        return Arrays.stream(loader.loadClass("example." + className).getMethods()).filter(m -> m.getName().equals(method)).findFirst()
                .orElseThrow().invoke(null, arguments);
    }

    /** A process of its own, with nothing on its class path but Winnow and the annotations. */
    @Test
    void plainJavaNeedsNothingElse() throws IOException, InterruptedException, URISyntaxException {
        String classPath = Stream
                .of(classes, DocumentedCode.home(Model.class), DocumentedCode.home(RuntimeSettings.class),
                        DocumentedCode.home(CpuLinearBackendProvider.class),
                        DocumentedCode.home(org.jspecify.annotations.Nullable.class))
                .map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        Path out = folder.resolve("out.txt");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-cp", classPath, "example.Hello",
                file.toString()).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        int exitCode = process.waitFor();
        String text = new String(Files.readAllBytes(out), StandardCharsets.ISO_8859_1);
        assertEquals(0, exitCode, text);
        assertTrue(text.contains("The prompt has 15 tokens.") && text.contains(" tokens, "), text);
    }

    @Test
    void timeLimitsAndPrefixes() throws ReflectiveOperationException {
        try (InferenceRuntime runtime = (InferenceRuntime) call("Explicit", "runtime");
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(SessionOptions.defaults().withContextLength(1_000_000))) {
            assertEquals(List.of("cpu", "cpu", "cpu"), model.backends());
            assertTrue(runtime.providers().stream().noneMatch(provider -> provider.id().equals("swa")), "swa was not asked for");
            GenerationResult stopped = (GenerationResult) call("Stopping", "generate", session, new int[]{1, 2, 3}, Duration.ofMillis(200));
            assertEquals(FinishReason.TIMEOUT, stopped.finishReason());
            List<?> answers = (List<?>) call("Questions", "ask", model, "the grain in the chaff", List.of(" the", " a b", ""));
            int shared = model.tokenizer().encode("the grain in the chaff", true, false).length;
            for (Object answer : answers) {
                GenerationResult result = (GenerationResult) answer;
                assertEquals(Math.min(shared, result.promptTokens() - 1), result.cachedTokens(), result.toString());
            }
            try (Session sparse = model.newSession((SessionOptions) call("Explicit", "sparse"))) {
                assertEquals("sparsek", sparse.refiners().getFirst().id());
            }
        }
        assertEquals("sparsek", new SparseKRefinerProvider().id());
    }

    @Test
    void weldInjectsAConfiguredModel() throws ReflectiveOperationException {
        System.setProperty("winnow.model", file.toString());
        System.setProperty("winnow.threads", "1");
        System.setProperty("winnow.ctx-size", "128");
        System.setProperty("winnow.refiner.sparsek", "top-k=16,window=8");
        try {
            assertEquals(String.class, call("Injected", "run", "the grain").getClass());
        } finally {
            for (String name : List.of("winnow.model", "winnow.threads", "winnow.ctx-size", "winnow.refiner.sparsek")) {
                System.clearProperty(name);
            }
        }
    }

    @Test
    void langChain4jTalksWithIt() throws ReflectiveOperationException {
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).build();
                Model model = runtime.load(file, ModelOptions.defaults())) {
            ChatModel chat = (ChatModel) loader.loadClass("example.WinnowChatModel").getConstructor(Model.class, SessionOptions.class)
                    .newInstance(model, SessionOptions.defaults());
            ChatResponse response = chat.chat(ChatRequest.builder().messages(SystemMessage.from("Be brief."), UserMessage.from("the grain"),
                    AiMessage.from("the chaff"), UserMessage.from("in the")).maxOutputTokens(5).temperature(0.0).build());
            assertTrue(response.tokenUsage().outputTokenCount() <= 5, response.toString());
            assertTrue(response.tokenUsage().inputTokenCount() > 20, response.toString());
        }
    }
}
