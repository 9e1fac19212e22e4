package dev.winnow.launcher.options;

import dev.winnow.api.WinnowException;
import dev.winnow.launcher.output.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads text files that users name. */
public final class TextFiles {

    private static final char REPLACEMENT = '\uFFFD';

    private TextFiles() {}

    /**
     * Returns the text of a UTF-8 file. One line break at its end is not part of it, as in llama.cpp. What is not UTF-8 is replaced, with a warning.
     *
     * @throws WinnowException if the file cannot be read
     */
    public static String read(Console console, Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            String content = new String(bytes, StandardCharsets.UTF_8);
            if (content.indexOf(REPLACEMENT) >= 0 && !Arrays.equals(content.getBytes(StandardCharsets.UTF_8), bytes)) {
                console.warn(file + " is not UTF-8 throughout: what cannot be read is replaced by U+FFFD.");
            }
            return withoutLastBreak(content);
        } catch (NoSuchFileException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The text file " + file + " does not exist: check the path.", e);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The text file " + file + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    /**
     * Returns texts by the names of their files, which reports call them by.
     *
     * @throws WinnowException if two files have the same name, or one cannot be read
     */
    public static Map<String, String> readAll(Console console, List<Path> files) {
        Map<String, Path> named = new LinkedHashMap<>();
        for (Path file : files) {
            Path other = named.put(String.valueOf(file.getFileName()), file);
            if (other != null) {
                throw new WinnowException(WinnowException.Kind.USAGE, "The texts " + other + " and " + file
                        + " have the same name, which would mix up their results: rename one of them.");
            }
        }
        Map<String, String> texts = new LinkedHashMap<>();
        named.forEach((name, file) -> texts.put(name, read(console, file)));
        return texts;
    }

    static String withoutLastBreak(String content) {
        return content.endsWith("\n") ? content.substring(0, content.length() - 1) : content;
    }
}
