package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.ModelInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has to stand beside a measured number so that it can be measured again: the model file, what ran it and on what machine.
 *
 * @param info     the model
 * @param sha256   of the model's file; null if it was not read
 * @param backends ids of the backends, without repetitions
 * @param threads  worker threads
 * @param cpu      name of the processor
 */
public record Provenance(ModelInfo info, @Nullable String sha256, String backends, int threads, String cpu) {

    /**
     * Describes a loaded model, without reading its file again.
     *
     * @param threads worker threads of the runtime
     */
    public static Provenance of(Model model, int threads) {
        return new Provenance(model.info(), null, String.join(",", model.backends().stream().distinct().toList()), threads, processor());
    }

    /**
     * Returns this with the hash of the model's file, which is read as a whole for it.
     *
     * @throws dev.winnow.api.WinnowException if the file cannot be read
     */
    public Provenance withDigest() {
        return new Provenance(info, ModelDigest.sha256(info.file()), backends, threads, cpu);
    }

    /** Returns the fields that every row of a report begins with, with llama-bench's names for what llama-bench has. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("cpu_info", cpu);
        fields.put("java", Runtime.version().toString());
        fields.put("backends", backends);
        fields.put("model_filename", info.file().toString());
        if (sha256 != null) {
            fields.put("model_sha256", sha256);
        }
        fields.put("model_type", info.description());
        fields.put("model_size", info.bytes());
        fields.put("model_n_params", info.parameters());
        fields.put("n_threads", threads);
        return fields;
    }

    /** Returns the same for people, in one line. */
    public String line() {
        return "model: " + info.file() + (sha256 == null ? "" : " (SHA-256 " + sha256 + ")") + "; backends: " + backends + "; threads: "
                + threads + "; Java " + Runtime.version() + " on " + cpu;
    }

    /** Returns the processor's name as Linux gives it, or the architecture. */
    private static String processor() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
        return System.getProperty("os.arch");
    }
}
