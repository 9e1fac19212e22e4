package dev.winnow.core.cdi;

import dev.winnow.api.ModelOptions;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.KvType;
import dev.winnow.spi.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Reads settings from MicroProfile Config, whose implementation the application brings along. The names are those of the launcher's options and of its file
 * {@code conf/winnow.properties}, but for mask refiners, which have their ids in the names here:
 * <ul>
 * <li>{@code winnow.threads}, {@code winnow.plugin-path}, {@code winnow.disable-plugin} (lists with commas);
 * <li>{@code winnow.model}, {@code winnow.backend}, {@code winnow.check-tensors};
 * <li>{@code winnow.ctx-size}, {@code winnow.kv-type}, {@code winnow.sparse} ({@code auto} or {@code off}), {@code winnow.on-refiner-error};
 * <li>{@code winnow.refiner.ID} with the settings of a mask refiner, for example {@code winnow.refiner.sparsek=top-k=512,window=256}.
 * </ul>
 */
@Singleton
public class ConfigProducer {

    private static final String REFINER = "winnow.refiner.";

    /** Reads what the runtime is made of. */
    @Produces
    @Singleton
    public RuntimeSettings runtimeSettings() {
        Config config = ConfigProvider.getConfig();
        return new RuntimeSettings(value(config, "winnow.threads", Integer::valueOf).orElse(0),
                list(config, "winnow.plugin-path").stream().map(Path::of).toList(), list(config, "winnow.disable-plugin"));
    }

    /**
     * Reads which model there is.
     *
     * @throws WinnowException if {@code winnow.model} is missing or a value is wrong
     */
    @Produces
    @Singleton
    public ModelSettings modelSettings() {
        Config config = ConfigProvider.getConfig();
        Path file = value(config, "winnow.model", Path::of)
                .orElseThrow(() -> usage("The setting winnow.model is missing: give it the path of a GGUF file."));
        ModelOptions options = ModelOptions.defaults()
                .withCheckTensors(value(config, "winnow.check-tensors", Boolean::valueOf).orElse(false));
        Optional<String> backend = value(config, "winnow.backend", Function.identity());
        return new ModelSettings(file, backend.map(options::withBackend).orElse(options), session(config));
    }

    private static SessionOptions session(Config config) {
        SessionOptions options = SessionOptions.defaults().withContextLength(value(config, "winnow.ctx-size", Integer::valueOf).orElse(0))
                .withKvType(value(config, "winnow.kv-type", ConfigProducer::kvType).orElse(KvType.F16))
                .withRefinerErrors(value(config, "winnow.on-refiner-error", ConfigProducer::refinerErrors).orElse(RefinerErrors.FAIL));
        if (value(config, "winnow.sparse", ConfigProducer::isOff).orElse(false)) {
            return options.dense();
        }
        for (String name : config.getPropertyNames()) {
            if (name.startsWith(REFINER)) {
                String id = name.substring(REFINER.length());
                Settings settings = value(config, name, text -> Settings.parse(id, text)).orElse(Settings.none());
                options = options.withRefiner(id, settings);
            }
        }
        return options;
    }

    private static KvType kvType(String text) {
        return KvType.valueOf(text.toUpperCase(Locale.ROOT));
    }

    private static RefinerErrors refinerErrors(String text) {
        return RefinerErrors.valueOf(text.toUpperCase(Locale.ROOT));
    }

    private static boolean isOff(String text) {
        return switch (text) {
            case "off" -> true;
            case "auto" -> false;
            default -> throw new IllegalArgumentException("takes off or auto; a refiner is asked for with " + REFINER + "ID");
        };
    }

    private static List<String> list(Config config, String name) {
        return config.getOptionalValues(name, String.class).orElse(List.of());
    }

    private static <T> Optional<T> value(Config config, String name, Function<String, T> converter) {
        Optional<String> text = config.getOptionalValue(name, String.class);
        try {
            return text.map(converter);
        } catch (IllegalArgumentException e) {
            throw usage("The setting " + name + " is '" + text.orElse("") + "', which is not allowed: " + e.getMessage() + ".");
        }
    }

    private static WinnowException usage(String message) {
        return new WinnowException(WinnowException.Kind.USAGE, message);
    }
}
