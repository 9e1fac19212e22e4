import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Finishes the package after Maven has put jars, scripts and configuration into it: the Java runtime, the jar that names the class path, permissions, times,
 * and the AOT cache. Run by the build with the JDK that the package is to contain: {@code java Packager.java PACKAGE TIMESTAMP}.
 */
class Packager {

    /** What Winnow and its libraries use of the JDK; java.desktop is for charts, jdk.unsupported for Weld, jdk.jfr for profiling. */
    private static final String MODULES = "java.base,java.desktop,java.logging,java.management,java.naming,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported";

    private static final String CACHE = "winnow.aot";
    private static final String DIGEST = "digest";
    private static final Set<String> GENERATED = Set.of(CACHE, DIGEST);

    private final Path home;
    private final FileTime time;

    Packager(Path home, FileTime time) {
        this.home = home;
        this.time = time;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, NoSuchAlgorithmException {
        Packager packager = new Packager(Path.of(arguments[0]).toAbsolutePath(), FileTime.from(Instant.parse(arguments[1])));
        packager.linkRuntime();
        packager.writeClassPath();
        packager.setPermissions();
        packager.writeDigest();
        packager.setTimes();
        if (!System.getProperty("os.name").startsWith("Windows")) { // where scripts of a POSIX shell do not run
            packager.makeCache();
        }
        packager.setTimes();
    }

    /** Links the runtime, unless the one of an earlier build is still right. */
    private void linkRuntime() throws IOException {
        Path runtime = home.resolve("runtime");
        Path stamp = home.resolveSibling("runtime.stamp");
        String wanted = Runtime.version() + "\n" + System.getProperty("java.home") + "\n" + MODULES + "\n";
        if (Files.exists(runtime.resolve("lib/modules")) && Files.exists(stamp) && Files.readString(stamp).equals(wanted)) {
            return;
        }
        delete(runtime);
        ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow(() -> new IOException("this JDK has no jlink"));
        int result = jlink.run(System.out, System.err, "--add-modules", MODULES, "--output", runtime.toString(), "--strip-debug", "--no-header-files",
                "--no-man-pages", "--compress", "zip-1");
        if (result != 0) {
            throw new IOException("jlink failed with " + result);
        }
        Files.writeString(stamp, wanted);
    }

    /**
     * Writes the jar that the script starts. Its manifest names the class path in one order: the AOT cache is only valid for the class path that it was made
     * with, and a wildcard is expanded in whatever order the file system has.
     */
    private void writeClassPath() throws IOException {
        Path jar = home.resolve("lib/winnow.jar");
        Files.deleteIfExists(jar);
        List<String> entries = new ArrayList<>();
        for (String folder : List.of("lib", "plugins")) {
            try (Stream<Path> files = Files.list(home.resolve(folder))) {
                files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".jar")).sorted()
                        .forEach(name -> entries.add(folder.equals("lib") ? name : "../plugins/" + name));
            }
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "dev.winnow.launcher.Winnow");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", entries));
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file)) {
            java.util.zip.ZipEntry entry = new java.util.zip.ZipEntry("META-INF/MANIFEST.MF");
            entry.setTimeLocal(java.time.LocalDateTime.ofInstant(time.toInstant(), java.time.ZoneOffset.UTC));
            out.putNextEntry(entry);
            manifest.write(out);
            out.closeEntry();
        }
    }

    private void setPermissions() {
        for (String script : List.of("bin/winnow", "lib/make-cache")) {
            if (!home.resolve(script).toFile().setExecutable(true, false)) {
                throw new IllegalStateException(script + " cannot be made executable");
            }
        }
    }

    /** The JVM refuses an AOT cache if the time of a jar has changed, so archives must hold the times that it was made with. */
    private void setTimes() throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.setLastModifiedTime(file, time);
            }
        }
    }

    /** Names what a cache belongs to. The JVM itself compares only sizes and times of jars, and all packages have the same times. */
    private void writeDigest() throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String folder : List.of("lib", "plugins", "conf")) {
            try (Stream<Path> files = Files.list(home.resolve(folder))) {
                for (Path file : files.filter(file -> !GENERATED.contains(file.getFileName().toString())).sorted().toList()) {
                    digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                    digest.update(Files.readAllBytes(file));
                }
            }
        }
        digest.update(Runtime.version().toString().getBytes(StandardCharsets.UTF_8));
        Files.writeString(home.resolve("lib").resolve(DIGEST), HexFormat.of().formatHex(digest.digest(), 0, 16) + "\n");
    }

    /** Makes the cache of this package; archives leave it out. */
    private void makeCache() throws IOException, InterruptedException {
        Path log = home.resolveSibling("training.log");
        int result = new ProcessBuilder(home.resolve("lib/make-cache").toString(), home.resolve("lib").resolve(CACHE).toString())
                .redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
        if (result != 0) {
            throw new IOException("the training run for the AOT cache failed with " + result + ":\n" + Files.readString(log));
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
