package dev.winnow.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnfinishedFileTest {

    @TempDir
    private Path folder;

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void anOlderFileStaysUntilTheNewOneIsWhole() throws IOException {
        Path target = Files.writeString(folder.resolve("a.txt"), "old");
        try (UnfinishedFile file = new UnfinishedFile(target)) {
            Files.writeString(file.path(), "half");
            assertEquals("old", Files.readString(target));
        }
        assertEquals(List.of("a.txt"), names());
        assertEquals("old", Files.readString(target));
        try (UnfinishedFile file = new UnfinishedFile(target)) {
            Files.writeString(file.path(), "new");
            file.finish();
        }
        assertEquals(List.of("a.txt"), names());
        assertEquals("new", Files.readString(target));
    }

    @Test
    void twoWritersDoNotShareAName() {
        Path target = folder.resolve("a.txt");
        try (UnfinishedFile one = new UnfinishedFile(target); UnfinishedFile other = new UnfinishedFile(target)) {
            assertNotEquals(one.path(), other.path());
            assertEquals(folder, one.path().getParent());
        }
    }

    @Test
    void aCheckLeavesNothingAndSaysWhatIsWrong() throws IOException {
        Path target = Files.writeString(folder.resolve("a.txt"), "old");
        UnfinishedFile.check("page", target);
        UnfinishedFile.check("page", folder.resolve("b.txt"));
        assertEquals(List.of("a.txt"), names());
        WinnowException error = assertThrows(WinnowException.class, () -> UnfinishedFile.check("page", folder));
        assertEquals("The page " + folder + " cannot be written: it is a folder. Name another place, or make its folder first.",
                error.getMessage());
        error = assertThrows(WinnowException.class, () -> UnfinishedFile.check("page", folder.resolve("none/b.txt")));
        assertTrue(String.valueOf(error.getMessage()).contains("none/b.txt cannot be written: there is no such folder."), error.toString());
    }
}
