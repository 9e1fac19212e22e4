package dev.winnow.launcher.convert;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/models.md names the checkpoints that are converted. */
class FamilyTest {

    @Test
    void classesAreListed() throws IOException {
        String document = Files.readString(Path.of("../docs/models.md"));
        for (String name : Family.knownClasses().split(", ", -1)) {
            assertTrue(document.contains("`" + name + "`"), name);
        }
    }
}
