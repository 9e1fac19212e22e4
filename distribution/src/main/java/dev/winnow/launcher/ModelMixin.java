package dev.winnow.launcher;

import dev.winnow.api.ModelOptions;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.KvType;
import dev.winnow.spi.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that loads a model. */
final class ModelMixin {

    @Option(names = {"-m", "--model"}, required = true, paramLabel = "FILE", description = "Model file (GGUF).")
    private @Nullable Path model;

    @Option(names = {"-c",
            "--ctx-size"}, paramLabel = "N", defaultValue = "0", description = "Context length in tokens; 0: the model's own.")
    private int contextLength;

    @Option(names = "--kv-type", paramLabel = "TYPE", defaultValue = "f16", description = "Storage of keys and values: f16, f32 or q8_0.")
    private String kvType = "f16";

    @Option(names = "--sparse", paramLabel = "MODE", defaultValue = "auto", description = "auto: mask refiners as the model's metadata say; off: only those that the model needs.")
    private String sparse = "auto";

    @Option(names = "--refiner", paramLabel = "ID[:NAME=VALUE,...]", description = "Run a mask refiner, with settings; repeatable. `winnow plugins` lists them.")
    private List<String> refiners = new ArrayList<>();

    @Option(names = "--on-refiner-error", paramLabel = "ACTION", defaultValue = "fail", description = "fail: a failing refiner ends the generation; dense: its tile is computed without it.")
    private String refinerErrors = "fail";

    @Option(names = "--backend", paramLabel = "ID", description = "Backend for everything: cpu or reference; default: the best available.")
    private @Nullable String backend;

    @Option(names = {"-ngl", "--n-gpu-layers",
            "--gpu-layers"}, paramLabel = "N", defaultValue = "0", description = "For llama.cpp's sake: 0, there is no GPU here.")
    private int gpuLayers;

    Path file() {
        if (model == null) {
            throw new WinnowException(WinnowException.Kind.USAGE, "No model is given: add -m FILE.");
        }
        return model;
    }

    ModelOptions modelOptions() {
        if (gpuLayers != 0) {
            System.err.println("winnow: -ngl " + gpuLayers + " is ignored: Winnow computes on the CPU.");
        }
        return backend == null ? ModelOptions.defaults() : ModelOptions.defaults().withBackend(backend);
    }

    SessionOptions sessionOptions() {
        SessionOptions options = SessionOptions.defaults().withContextLength(contextLength).withKvType(kvType());
        options = options.withRefinerErrors(choice("--on-refiner-error", refinerErrors, "fail", "dense").equals("dense")
                ? SessionOptions.RefinerErrors.DENSE
                : SessionOptions.RefinerErrors.FAIL);
        if (choice("--sparse", sparse, "auto", "off").equals("off")) {
            options = options.dense();
        }
        for (String refiner : refiners) {
            int colon = refiner.indexOf(':');
            String id = colon < 0 ? refiner : refiner.substring(0, colon);
            try {
                options = options.withRefiner(id, Settings.parse(id, colon < 0 ? "" : refiner.substring(colon + 1)));
            } catch (IllegalArgumentException e) {
                throw new WinnowException(WinnowException.Kind.USAGE, e.getMessage() + ".", e);
            }
        }
        return options;
    }

    private KvType kvType() {
        return KvType.valueOf(choice("--kv-type", kvType, "f16", "f32", "q8_0").toUpperCase(Locale.ROOT));
    }

    private static String choice(String option, String value, String... allowed) {
        for (String each : allowed) {
            if (each.equalsIgnoreCase(value)) {
                return each;
            }
        }
        throw new WinnowException(WinnowException.Kind.USAGE,
                "The option " + option + " takes " + String.join(", ", allowed) + ", but not '" + value + "'.");
    }
}
