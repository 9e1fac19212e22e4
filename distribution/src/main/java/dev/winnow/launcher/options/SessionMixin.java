package dev.winnow.launcher.options;

import dev.winnow.api.SessionOptions;
import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.KvType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How sessions store keys and values, and what a failing mask refiner leads to; names are llama.cpp's where it has the option. */
public final class SessionMixin {

    @Option(names = "--kv-type", paramLabel = "TYPE", description = "Storage of keys and values: f32, f16, q8_0; default f16.")
    private @Nullable KvType kvType;

    @Option(names = {"-ctk", "--cache-type-k"}, paramLabel = "TYPE", hidden = true)
    private @Nullable KvType keyType;

    @Option(names = {"-ctv", "--cache-type-v"}, paramLabel = "TYPE", hidden = true)
    private @Nullable KvType valueType;

    @Option(names = "--on-refiner-error", paramLabel = "fail|dense", description = "What a failing mask refiner leads to: an error (fail, the default), or dense attention and a warning.")
    private RefinerErrors refinerErrors = RefinerErrors.FAIL;

    /**
     * Returns the options of a session, with the model's own context length and refiners.
     *
     * @throws WinnowException if options contradict each other
     */
    public SessionOptions sessionOptions() {
        return SessionOptions.defaults().withKvType(storage()).withRefinerErrors(refinerErrors);
    }

    private KvType storage() {
        KvType common = kvType == null ? KvType.F16 : kvType;
        KvType keys = keyType == null ? common : keyType;
        KvType values = valueType == null ? common : valueType;
        if (keys != values) {
            throw new WinnowException(WinnowException.Kind.USAGE, "Keys are to be stored as " + keys + " and values as " + values
                    + ", but Winnow stores both alike: give -ctk and -ctv the same type, or use --kv-type.");
        }
        return keys;
    }
}
