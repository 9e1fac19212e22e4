package dev.winnow.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.GgmlType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/models.md names what there is. */
class ModelsDocumentTest {

    private static String section(String title) throws IOException {
        String document = Files.readString(Path.of("../docs/models.md"));
        int start = document.indexOf("## " + title);
        assertTrue(start >= 0, "no section " + title);
        int end = document.indexOf("\n## ", start);
        return document.substring(start, end < 0 ? document.length() : end);
    }

    @Test
    void architecturesAreListed() throws IOException {
        List<String> listed = Pattern.compile("(?m)^\\| `([^`]+)` ").matcher(section("Architectures")).results()
                .map((MatchResult row) -> row.group(1)).filter(name -> !name.equals("general.architecture")).sorted().toList();
        assertEquals(Architecture.known(), String.join(", ", listed));
    }

    @Test
    void tensorTypesAreListed() throws IOException {
        String types = section("Tensor types");
        for (GgmlType type : GgmlType.values()) {
            assertTrue(types.contains("`" + type.name() + "`"), type.name());
        }
    }
}
