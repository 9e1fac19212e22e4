package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles a plug-in as its author would, against nothing but the packaged {@code runtime-api}, and packs a real jar. */
final class PluginJar {

    private final PackagedWinnow winnow;
    private final Path folder;
    private final Map<String, String> sources = new LinkedHashMap<>(); // by class name
    private final Map<String, String> services = new LinkedHashMap<>(); // list of providers by service
    private final List<String> missing = new ArrayList<>(); // class files that are left out

    PluginJar(PackagedWinnow winnow, Path folder) {
        this.winnow = winnow;
        this.folder = folder;
    }

    /** Adds a class of the package {@code example}. */
    PluginJar source(String className, String source) {
        sources.put(className, source);
        return this;
    }

    /** Names a class of the package {@code example} as the provider of a service of {@code dev.winnow.spi}. */
    PluginJar provides(String service, String className) {
        services.put("META-INF/services/dev.winnow.spi." + service, "example." + className + "\n");
        return this;
    }

    /** Leaves a class out of the jar after everything was compiled. */
    PluginJar without(String className) {
        missing.add(className + ".class");
        return this;
    }

    /** Returns the jar. */
    Path write(String name) throws IOException {
        Path work = Files.createDirectories(folder.resolve(name));
        List<String> arguments = new ArrayList<>(List.of("-d", work.toString(), "-cp", api().toString()));
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Path file = work.resolve(source.getKey() + ".java");
            Files.writeString(file, source.getValue());
            arguments.add(file.toString());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "the tests run on a JRE");
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int result = compiler.run(null, messages, messages, arguments.toArray(String[]::new));
        assertEquals(0, result, () -> messages.toString(StandardCharsets.UTF_8));
        Path jar = folder.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(work)) {
            for (Path compiled : files.filter(this::isPacked).toList()) {
                entries.putNextEntry(new JarEntry(work.relativize(compiled).toString()));
                Files.copy(compiled, entries);
            }
            for (Map.Entry<String, String> service : services.entrySet()) {
                entries.putNextEntry(new JarEntry(service.getKey()));
                entries.write(service.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private boolean isPacked(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".class") && !missing.contains(name);
    }

    private Path api() throws IOException {
        try (Stream<Path> jars = Files.list(winnow.home().resolve("lib"))) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith("runtime-api")).findFirst().orElseThrow();
        }
    }
}
