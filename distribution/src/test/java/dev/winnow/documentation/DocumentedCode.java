package dev.winnow.documentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** The Java classes that a page of the documentation prints, by name. */
final class DocumentedCode {

    private static final Pattern BLOCK = Pattern.compile("```java\n(package example;\n.*?)```", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("^(?:public )?(?:final )?class (\\w+)", Pattern.MULTILINE);

    private final Map<String, String> sources = new LinkedHashMap<>();

    private DocumentedCode() {}

    static DocumentedCode of(String page) throws IOException {
        DocumentedCode code = new DocumentedCode();
        Matcher block = BLOCK.matcher(Files.readString(Path.of(System.getProperty("winnow.docs", "missing")).resolve(page)));
        while (block.find()) {
            Matcher name = NAME.matcher(block.group(1));
            assertTrue(name.find(), "a block of code without a class: " + block.group(1));
            code.sources.put(name.group(1), block.group(1));
        }
        assertFalse(code.sources.isEmpty(), page + " has no code");
        return code;
    }

    String source(String className) {
        String source = sources.get(className);
        if (source == null) {
            throw new AssertionError("the page has no class " + className);
        }
        return source;
    }

    /** Compiles the classes whose names are wanted. */
    void compile(Predicate<String> wanted, Path folder, List<Path> classPath) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-Xlint:all,-serial", "-Werror", "-proc:none", "-d", folder.toString(), "-cp",
                Stream.concat(classPath.stream(), Stream.of(folder)).map(Path::toString).collect(Collectors.joining(File.pathSeparator))));
        for (Map.Entry<String, String> source : sources.entrySet()) {
            if (wanted.test(source.getKey())) {
                Path file = Files.createDirectories(folder.resolve("example")).resolve(source.getKey() + ".java");
                Files.writeString(file, source.getValue());
                arguments.add(file.toString());
            }
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "the tests run on a JRE");
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int result = compiler.run(null, messages, messages, arguments.toArray(String[]::new));
        assertEquals(0, result, () -> messages.toString(StandardCharsets.UTF_8));
    }

    /** Returns the jar or folder that a class comes from. */
    static Path home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
