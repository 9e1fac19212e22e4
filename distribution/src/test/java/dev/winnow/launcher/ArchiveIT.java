package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The archive, unpacked at another place: it holds no AOT cache, so the first command has one made. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "links and scripts of POSIX")
class ArchiveIT {

    @TempDir
    private static Path folder;

    private static PackagedWinnow winnow = new PackagedWinnow(Path.of(""), Path.of(""));
    private static Path model = Path.of("");

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        Path place = Files.createDirectories(folder.resolve("another place"));
        assertEquals(0, new ProcessBuilder("tar", "xzf", System.getProperty("winnow.archive"), "-C", place.toString()).start().waitFor());
        try (Stream<Path> files = Files.list(place)) {
            winnow = new PackagedWinnow(files.findFirst().orElseThrow(), folder);
        }
        model = folder.resolve("tiny.gguf");
        TinyModel.write(model);
    }

    private static ProcessBuilder command(Path home) throws IOException {
        Path link = folder.resolve("linked");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, winnow.script());
        }
        ProcessBuilder command = winnow.command(link, "run", "-m", model.toString(), "-p", "the", "-n", "2", "--ignore-eos");
        command.environment().put("HOME", home.toString());
        return command;
    }

    @Test
    void theFirstCommandHasACacheMadeForTheNext() throws IOException, InterruptedException {
        assertFalse(Files.exists(winnow.home().resolve("lib/winnow.aot")), "archives would not be reproducible");
        Path home = Files.createDirectories(folder.resolve("a home"));
        PackagedWinnow.Outcome first = winnow.finish(command(home));
        assertEquals(0, first.exitCode(), first.err());
        assertEquals(1, first.err().lines().count(), first.err());
        Path cache = made(home.resolve(".cache/winnow"));
        ProcessBuilder next = command(home);
        // Strict: the JVM refuses to start if the cache is missing or does not fit.
        next.environment().put("WINNOW_JAVA_OPTS", "-XX:AOTMode=on");
        PackagedWinnow.Outcome second = winnow.finish(next);
        assertEquals(0, second.exitCode(), second.err());
        assertEquals(1, second.err().lines().count(), second.err());
        Files.write(cache, new byte[]{1, 2, 3});
        PackagedWinnow.Outcome damaged = winnow.finish(command(home));
        assertEquals(0, damaged.exitCode(), damaged.err());
        assertEquals(1, damaged.err().lines().count(), damaged.err());
    }

    /** Waits for the only cache in a folder. */
    private static Path made(Path caches) throws IOException, InterruptedException {
        List<Path> files = List.of();
        for (int second = 0; second < PackagedWinnow.PATIENCE_SECONDS; second++) {
            try (Stream<Path> list = Files.list(caches)) {
                files = list.toList();
            }
            if (files.size() == 1 && Files.size(files.getFirst()) > 0) {
                return files.getFirst();
            }
            TimeUnit.SECONDS.sleep(1);
        }
        throw new AssertionError("no cache was made: " + files);
    }

    @Test
    void nothingIsMadeWhereNothingCanBeOrShallBe() throws IOException, InterruptedException {
        Path home = Files.writeString(folder.resolve("no folder"), "");
        assertEquals(0, winnow.finish(command(home)).exitCode());
        ProcessBuilder homeless = command(home);
        homeless.environment().remove("HOME");
        PackagedWinnow.Outcome outcome = winnow.finish(homeless);
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        Path unwilling = Files.createDirectories(folder.resolve("unwilling"));
        ProcessBuilder without = command(unwilling);
        without.environment().put("WINNOW_NO_CACHE", "1");
        assertEquals(0, winnow.finish(without).exitCode());
        assertTrue(Files.notExists(unwilling.resolve(".cache")), "a cache was made against the user's will");
    }
}
