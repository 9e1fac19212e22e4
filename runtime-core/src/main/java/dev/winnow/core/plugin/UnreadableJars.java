package dev.winnow.core.plugin;

import dev.winnow.api.ProviderReport;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;

/** Finds jars that class loaders pass over in silence because they are damaged, or no jars at all. */
final class UnreadableJars {

    private UnreadableJars() {}

    /** Returns a report for each unreadable one of some jars and of those on the class path. */
    static List<ProviderReport> reports(List<Path> jars) {
        List<Path> all = new ArrayList<>(jars);
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            if (entry.endsWith(".jar")) {
                all.add(Path.of(entry));
            }
        }
        List<ProviderReport> reports = new ArrayList<>();
        for (Path jar : all) {
            if (Files.isRegularFile(jar)) {
                try (ZipFile file = new ZipFile(jar.toFile())) {
                    file.size();
                } catch (IOException e) {
                    String name = String.valueOf(jar.getFileName());
                    reports.add(new ProviderReport("jar", name, "unknown", name, null, false, "it cannot be read (" + e.getMessage() + ")",
                            "copy it again, or remove it", false, "", "not usable"));
                }
            }
        }
        return reports;
    }
}
