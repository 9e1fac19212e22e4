package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionBackendProvider;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What was taken is given back, also where something fails. */
class ReleasedTest {

    private final Path folder;
    private final Path file;

    ReleasedTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        file = TinyModel.in(folder);
    }

    /** Counts how often it is closed, and may fail to take notice of keys. */
    private static final class Counting implements MaskRefiner {

        private final List<KeyValues> seen = new ArrayList<>();
        private final AtomicInteger closed = new AtomicInteger();
        private final AtomicBoolean deaf = new AtomicBoolean();

        @Override
        public void keysAppended(LayerSpec layer, int kvHead, KeyValues keyValues, int from, int to) {
            if (deaf.get()) {
                throw new IllegalStateException("deaf");
            }
            synchronized (seen) {
                seen.add(keyValues);
            }
        }

        @Override
        public void refine(AttentionTile tile, AttentionMask mask) {}

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private static TestRefiner provider(String id, RefinerDecision.Factory factory) {
        return new TestRefiner(id, RefinerPhase.CONTENT, factory);
    }

    @Test
    void refinersAreClosedIfALaterOneCannotBeCreated() {
        Counting refiner = new Counting();
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).provider(provider("first", context -> refiner))
                .provider(provider("second", context -> {
                    throw new IllegalStateException("no luck");
                })).build(); Model model = runtime.load(file, ModelOptions.defaults())) {
            SessionOptions options = SessionOptions.defaults().withRefiner("first", Settings.none()).withRefiner("second", Settings.none());
            assertThrows(WinnowException.class, () -> model.newSession(options).close());
            assertEquals(1, refiner.closed.get());
        }
    }

    @Test
    void aForkThatFailsLeavesNothingBehind() {
        Counting original = new Counting();
        Counting copy = new Counting();
        AtomicInteger created = new AtomicInteger();
        TestRefiner provider = provider("counting", context -> switch (created.getAndIncrement()) {
            case 0 -> original;
            case 1 -> throw new IllegalStateException("no luck");
            default -> copy;
        });
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).provider(provider).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(SessionOptions.defaults().withRefiner("counting", Settings.none()))) {
            session.append(1, 2, 3);
            KeyValues keyValues = original.seen.getFirst();
            long page = keyValues.keys(0).address();
            assertThrows(WinnowException.class, () -> session.fork().close());
            copy.deaf.set(true);
            assertThrows(WinnowException.class, () -> session.fork().close());
            assertEquals(1, copy.closed.get());
            session.append(4);
            assertEquals(page, keyValues.keys(0).address(), "nobody else holds the page, so that it is not copied");
            copy.deaf.set(false);
            float[] logits = session.logits();
            try (Session fork = session.fork()) {
                assertArrayEquals(logits, fork.logits());
                session.append(5);
                assertArrayEquals(logits, fork.logits());
            }
        }
    }

    /** A backend for which there is not enough memory. */
    private record Greedy() implements AttentionBackendProvider {
        @Override
        public String id() {
            return "greedy";
        }

        @Override
        public int spiVersion() {
            return SPI_VERSION;
        }

        @Override
        public int priority() {
            return -1;
        }

        @Override
        public AttentionBackend create(BackendContext context) {
            throw new OutOfMemoryError("too greedy");
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux lists what is mapped")
    void aModelThatCannotBeLoadedIsUnmapped() throws IOException {
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).provider(new Greedy()).build()) {
            runtime.load(file, ModelOptions.defaults()).close();
            assertThrows(OutOfMemoryError.class, () -> runtime.load(file, new ModelOptions("greedy", null, null, false)).close());
            assertFalse(Files.readString(Path.of("/proc/self/maps")).contains(file.toString()));
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux lists what is open")
    void jarsOfPluginsAreClosed() throws IOException {
        Path jar = folder.resolve("empty.jar");
        try (OutputStream out = Files.newOutputStream(jar); JarOutputStream entries = new JarOutputStream(out)) {
            entries.putNextEntry(new JarEntry("META-INF/services/dev.winnow.spi.MaskRefinerProvider"));
            entries.write("# none\n".getBytes(StandardCharsets.UTF_8));
        }
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).pluginPath(jar).build()) {
            assertFalse(runtime.providers().isEmpty());
            assertTrue(isOpen(jar));
        }
        assertFalse(isOpen(jar));
        InferenceRuntime.Builder failing = InferenceRuntime.builder().threads(1).pluginPath(jar).disable("nobody");
        assertThrows(WinnowException.class, () -> failing.build().close());
        assertFalse(isOpen(jar));
    }

    private static boolean isOpen(Path path) throws IOException {
        try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
            for (Path handle : handles.toList()) {
                if (Files.isSymbolicLink(handle) && Files.readSymbolicLink(handle).equals(path)) {
                    return true;
                }
            }
        }
        return false;
    }
}
