package dev.winnow.launcher;

import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufTensor;
import dev.winnow.core.gguf.GgufValue;
import dev.winnow.core.model.ModelLoader;
import dev.winnow.core.model.ModelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code winnow inspect}: shows what is in a model file. */
@Command(name = "inspect", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows the metadata and tensors of a model file, and whether Winnow can run it.")
final class InspectCommand implements Callable<Integer> {

    private static final int ARRAY_ELEMENTS = 6;

    @Parameters(paramLabel = "FILE", description = "Model file (GGUF).")
    private Path file = Path.of("");

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        try (GgufFile gguf = GgufFile.open(file)) {
            if (json) {
                System.out.println(JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build().writeValueAsString(asMap(gguf)));
            } else {
                print(gguf);
            }
        }
        return ExitCodes.OK;
    }

    private static String verdict(GgufFile gguf) {
        try {
            ModelSpec spec = ModelLoader.spec(gguf);
            long unsupported = gguf.tensors().stream().filter(tensor -> tensor.type().isEmpty()).count();
            if (unsupported > 0) {
                return "cannot run: " + unsupported + " tensors have a type that Winnow cannot compute with";
            }
            int window = spec.layers().stream().mapToInt(layer -> layer.attention().window()).max().orElse(0);
            return "can run: " + spec.architecture() + ", " + spec.layers().size() + " layers"
                    + (window > 0 ? ", with the mask refiner swa for the window of " + window + " keys" : "");
        } catch (WinnowException e) {
            return "cannot run: " + e.getMessage();
        }
    }

    private static void print(GgufFile gguf) {
        GgufMetadata metadata = gguf.metadata();
        System.out.printf("GGUF version %d, %d keys, %d tensors%n%n", gguf.version(), metadata.keys().size(), gguf.tensors().size());
        for (String key : metadata.keys()) {
            String value = metadata.value(key).map(v -> v.text(ARRAY_ELEMENTS)).orElse("").replace("\n", "\\n");
            System.out.printf("%-48s %-14s %s%n", key, metadata.value(key).map(GgufValue::typeName).orElse(""),
                    value.length() > 100 ? value.substring(0, 100) + "…" : value);
        }
        System.out.println();
        Map<String, long[]> totals = new TreeMap<>();
        for (GgufTensor tensor : gguf.tensors()) {
            System.out.printf(Locale.ROOT, "%-36s %-8s %-24s %12d bytes%n", tensor.name(), tensor.typeName(), tensor.shape(),
                    tensor.byteSize());
            long[] total = totals.computeIfAbsent(tensor.typeName(), type -> new long[3]);
            total[0]++;
            total[1] += tensor.elements();
            total[2] += tensor.byteSize();
        }
        System.out.println();
        totals.forEach((type, total) -> System.out.printf(Locale.ROOT, "%-8s %4d tensors, %.2f M weights, %.1f MiB%n", type, total[0],
                total[1] / 1e6,
                total[2] / 1048576.0));
        System.out.println(verdict(gguf));
    }

    private static Map<String, Object> asMap(GgufFile gguf) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        gguf.metadata().keys().forEach(key -> metadata.put(key,
                Map.of("type", gguf.metadata().value(key).map(GgufValue::typeName).orElse(""), "value",
                        gguf.metadata().value(key).map(v -> v.text(ARRAY_ELEMENTS)).orElse(""))));
        List<Object> tensors = new ArrayList<>();
        for (GgufTensor tensor : gguf.tensors()) {
            tensors.add(Map.of("name", tensor.name(), "type", tensor.typeName(), "shape", tensor.shape(), "bytes", tensor.byteSize()));
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("version", gguf.version());
        all.put("metadata", metadata);
        all.put("tensors", tensors);
        all.put("verdict", verdict(gguf));
        return all;
    }
}
