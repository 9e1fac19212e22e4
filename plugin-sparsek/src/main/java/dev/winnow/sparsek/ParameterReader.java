package dev.winnow.sparsek;

import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.ModelMetadata;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Reads parameters from the model's metadata and from the user's settings, which come first. */
final class ParameterReader {

    static final String ID = "sparsek";

    private static final long MAX_U32 = 0xffffffffL;
    private static final String SELECTION = "selection";
    private static final String PREFILL = "prefill";
    private static final String DECODE = "decode";
    private static final String AUTO = "auto";
    private static final String[] KNOWN = {"top-k", "window", "stride", SELECTION, PREFILL, DECODE, "tau", "head-tau", "page", "summary",
            "budget", "budget-fraction", "sinks", "recent", "min-context", "block", "group", "sampled-rows"};

    /** Keys that share mean and spread in decoding. Half as many are twice the work and lose a third less; twice as many lose three times as much. */
    private static final int DECODE_SUMMARY = 8;

    private final ModelMetadata metadata;
    private final Settings settings;
    private final List<LayerSpec> layers;
    private final OptionalInt topK;
    private final OptionalInt window;
    private final OptionalInt stride;

    /**
     * Reads what both phases share.
     *
     * @throws IllegalArgumentException for an unknown setting or a value out of range
     */
    ParameterReader(RefinerRequest request) {
        this.metadata = request.metadata();
        this.settings = request.settings();
        this.layers = request.layers();
        settings.requireKnown(KNOWN);
        boolean wanted = request.asked() || enabledByModel();
        this.topK = wanted ? count("top-k", "top_k") : OptionalInt.empty();
        this.window = wanted ? count("window", "window") : OptionalInt.empty();
        this.stride = wanted ? count("stride", "stride") : OptionalInt.empty();
    }

    /** Returns whether the model asks for SparseK. */
    boolean enabledByModel() {
        return metadata.bool(key("enable")).or(() -> metadata.bool(fallback("enable"))).orElse(false);
    }

    /** Returns whether model or user give at least one of SparseK's own parameters. */
    boolean isDefined() {
        return topK.isPresent() || window.isPresent() || stride.isPresent();
    }

    /** Returns the metadata key that switches SparseK on. */
    String enableKey() {
        return key("enable");
    }

    private String key(String name) {
        return metadata.architecture() + "." + ID + "." + name;
    }

    private static String fallback(String name) {
        return "llama." + ID + "." + name;
    }

    /** Returns a setting, or else the u32 of the metadata. */
    private OptionalInt count(String setting, String key) {
        OptionalInt chosen = settings.integer(setting, 0, Integer.MAX_VALUE);
        if (chosen.isPresent()) {
            return chosen;
        }
        OptionalInt own = u32(key(key));
        return own.isPresent() ? own : u32(fallback(key));
    }

    private OptionalInt u32(String key) {
        OptionalLong value = metadata.integer(key);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        if (value.getAsLong() < 0 || value.getAsLong() > MAX_U32) {
            throw new IllegalArgumentException("the metadata key '" + key + "' is " + value.getAsLong() + ", but takes 0 to " + MAX_U32);
        }
        return OptionalInt.of((int) Math.min(value.getAsLong(), Integer.MAX_VALUE)); // no context is longer
    }

    /**
     * Returns the parameters of a phase.
     *
     * @throws IllegalArgumentException for an unknown setting or a value out of range
     */
    PhaseParameters read(AttentionPhase phase) {
        Method method = method(phase);
        boolean prefill = phase == AttentionPhase.PREFILL;
        boolean fixed = method == Method.EXACT || method == Method.STATIC;
        int sinks = setting("sinks", 0, defaultSinks(method, prefill));
        int recent = Math.max(setting("recent", 0, window.orElse(defaultRecent(method, prefill))), window.orElse(0));
        int best = topK.orElse(0);
        int page = page(method);
        int budget = setting("budget", 0, best == 0 ? 2048 : saturated(Math.ceilDiv(best, page) * (long) page + sinks + recent));
        return new PhaseParameters(phase, method, method == Method.STATIC ? 0 : best, fixed ? recent : 0, stride.orElse(0), sinks, recent,
                page, summary(method, page, prefill), budget, settings.real("budget-fraction", 0, 1).orElse(0),
                settings.real("tau", 0, 1).orElse(0.95),
                settings.text("head-tau").map(text -> HeadTau.parse(text, layers)).orElse(null), powerOfTwo("group", 4, 8),
                settings.integer("sampled-rows", 1, 64).orElse(method == Method.BLOCKS ? 64 : 8),
                setting("min-context", 0, method.minContext(phase, budget)));
    }

    private int setting(String name, int min, int otherwise) {
        return settings.integer(name, min, Integer.MAX_VALUE).orElse(otherwise);
    }

    private static int saturated(long value) {
        return (int) Math.min(value, Integer.MAX_VALUE);
    }

    private static int defaultSinks(Method method, boolean prefill) {
        return method == Method.EXACT ? 0 : prefill ? 64 : 16;
    }

    private static int defaultRecent(Method method, boolean prefill) {
        return switch (method) {
            case STATIC -> 1024;
            case PAGES -> prefill ? 192 : 128;
            case INT8 -> 128;
            case EXACT, XATTENTION, BLOCKS, DENSE -> 0;
        };
    }

    private int page(Method method) {
        return switch (method) {
            case PAGES -> powerOfTwo("page", 16, 16);
            case INT8 -> powerOfTwo("page", 1, 16);
            case BLOCKS -> powerOfTwo("block", 4, 64);
            case EXACT, STATIC, XATTENTION, DENSE -> 64;
        };
    }

    private int summary(Method method, int page, boolean prefill) {
        return method == Method.PAGES ? powerOfTwo("summary", 4, page, prefill ? page : Math.min(page, DECODE_SUMMARY)) : page;
    }

    private int powerOfTwo(String name, int min, int otherwise) {
        return powerOfTwo(name, min, 64, otherwise);
    }

    private int powerOfTwo(String name, int min, int max, int otherwise) {
        int value = settings.integer(name, min, max).orElse(otherwise);
        if (Integer.bitCount(value) != 1) {
            throw new IllegalArgumentException(ID + ": '" + value + "' is not a value for '" + name + "', which takes a power of two from "
                    + min + " to " + max);
        }
        return value;
    }

    /** The phase's own setting, else {@code selection} if it serves the phase, else exact if SparseK's parameters are given, else automatic. */
    private Method method(AttentionPhase phase) {
        String name = phase == AttentionPhase.PREFILL ? PREFILL : DECODE;
        Optional<String> own = settings.text(name);
        if (own.isPresent()) {
            return own.get().equals(AUTO)
                    ? Method.automatic(phase)
                    : find(own.get()).filter(method -> method.serves(phase))
                            .orElseThrow(() -> notAllowed(name, own.get(), method -> method.serves(phase)));
        }
        Optional<String> common = settings.text(SELECTION);
        if (common.isEmpty()) {
            return isDefined() ? Method.EXACT : Method.automatic(phase);
        }
        if (common.get().equals(AUTO)) {
            return Method.automatic(phase);
        }
        Method method = find(common.get()).orElseThrow(() -> notAllowed(SELECTION, common.get(), any -> true));
        return method.serves(phase) ? method : Method.automatic(phase);
    }

    private static Optional<Method> find(String text) {
        return Arrays.stream(Method.values()).filter(method -> method.text().equals(text)).findFirst();
    }

    private static IllegalArgumentException notAllowed(String name, String value, Predicate<Method> allowed) {
        String values = Arrays.stream(Method.values()).filter(allowed).map(Method::text).collect(Collectors.joining(", "));
        return new IllegalArgumentException(
                ID + ": '" + value + "' is not a value for '" + name + "', which takes one of " + AUTO + ", " + values);
    }
}
