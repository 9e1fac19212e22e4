package dev.winnow.launcher.convert;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a byte of a checkpoint is changed to: a model or one sentence. */
class MutationTest {

    private static final int ROUNDS = 150;
    private static final String BYTES = "0123456789[]{}\",:-e.nt\n\u0000";
    private static final int HEAD = 3000; // where headers and settings are

    @TempDir
    private Path folder;

    @Test
    void changedCheckpointsAreConvertedOrRejected() throws IOException {
        Random random = new Random(16817);
        List<String> names = List.of("llama", "mistral", "qwen2", "gemma3");
        int rejected = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Path original = ConverterTest.CHECKPOINTS.resolve(names.get(random.nextInt(names.size())));
            Path checkpoint = Files.createDirectories(folder.resolve("checkpoint" + round));
            List<Path> files;
            try (Stream<Path> all = Files.list(original)) {
                files = all.filter(file -> !file.endsWith("logits.bin") && !file.endsWith("expected.json")).sorted().toList();
            }
            for (Path file : files) {
                Files.copy(file, checkpoint.resolve(String.valueOf(file.getFileName())));
            }
            Path changed = checkpoint.resolve(String.valueOf(files.get(random.nextInt(files.size())).getFileName()));
            Files.write(changed, mutated(random, Files.readAllBytes(changed)));
            rejected += convert(checkpoint, folder.resolve("out" + round + ".gguf")) ? 0 : 1;
        }
        assertTrue(rejected > ROUNDS / 4, "only " + rejected + " were rejected");
    }

    private static byte[] mutated(Random random, byte[] bytes) {
        if (random.nextInt(4) == 0) {
            return Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        bytes[random.nextInt(Math.min(bytes.length, HEAD))] = (byte) BYTES.charAt(random.nextInt(BYTES.length()));
        return bytes;
    }

    private static boolean convert(Path checkpoint, Path target) {
        try {
            Converter.convert(checkpoint, target, OutputType.Q8_0, null, warning -> {});
            return true;
        } catch (WinnowException e) {
            String message = String.valueOf(e.getMessage());
            assertFalse(message.contains("\n") || message.contains("Exception"), message);
            assertTrue(message.endsWith("."), message);
            assertFalse(Files.exists(target), message);
            return false;
        }
    }
}
