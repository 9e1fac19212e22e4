package dev.winnow.sparsek;

import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.ModelMetadata;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads parameters from the model's metadata and from the user's settings, which come first, and knows which settings nothing has read. */
final class ParameterReader {

    static final String ID = "sparsek";

    private static final long MAX_U32 = 0xffffffffL;
    private static final String SELECTION = "selection";
    private static final String PREFILL = "prefill";
    private static final String DECODE = "decode";
    private static final String AUTO = "auto";
    private static final String TOP_K = "top-k";
    private static final String WINDOW = "window";
    private static final String STRIDE = "stride";
    private static final String MIN_CONTEXT = "min-context";
    private static final String ALL_BUT_DENSE = "every selection but dense";
    private static final String MASS = "prefill=xattention, prefill=blocks or prefill=pages";
    private static final String BUDGET = "decode=pages or decode=int8";

    /** The settings that not every method reads, and what does. */
    private static final Map<String, String> READ_BY = Map.ofEntries(
            Map.entry(TOP_K, "prefill=exact, " + MASS + ", decode=exact, or without 'budget' to " + BUDGET),
            Map.entry(WINDOW, ALL_BUT_DENSE), Map.entry(STRIDE, ALL_BUT_DENSE), Map.entry("sinks", ALL_BUT_DENSE),
            Map.entry("recent", ALL_BUT_DENSE), Map.entry("tau", MASS + " without 'head-tau'"), Map.entry("head-tau", MASS),
            Map.entry("page", "prefill=pages, " + BUDGET), Map.entry("summary", "prefill=pages or decode=pages"),
            Map.entry("budget", BUDGET), Map.entry("budget-fraction", BUDGET), Map.entry("block", "prefill=blocks"),
            Map.entry("group", "prefill=xattention"), Map.entry("sampled-rows", "prefill=blocks or prefill=pages"),
            Map.entry(SELECTION, "a phase for which neither 'prefill' nor 'decode' chooses"));

    private static final String[] KNOWN = Stream.concat(READ_BY.keySet().stream(), Stream.of(PREFILL, DECODE, MIN_CONTEXT))
            .toArray(String[]::new);

    private final ModelMetadata metadata;
    private final Settings settings;
    private final List<LayerSpec> layers;
    private final OptionalInt topK;
    private final OptionalInt window;
    private final OptionalInt stride;
    private final Set<String> read = new TreeSet<>();

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
        this.topK = wanted ? count(TOP_K, "top_k") : OptionalInt.empty();
        this.window = wanted ? count(WINDOW, "window") : OptionalInt.empty();
        this.stride = wanted ? count(STRIDE, "stride") : OptionalInt.empty();
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

    List<LayerSpec> layers() {
        return layers;
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
     * @throws IllegalArgumentException for a value out of range
     */
    PhaseParameters read(AttentionPhase phase) {
        return method(phase).read(phase, this);
    }

    /** The phase's own setting, else {@code selection} if it serves the phase, else exact if SparseK's parameters are given, else automatic. */
    private Method method(AttentionPhase phase) {
        String name = phase == AttentionPhase.PREFILL ? PREFILL : DECODE;
        Optional<String> own = text(name);
        if (own.isPresent()) {
            return find(name, own.get(), phase, method -> method.serves(phase));
        }
        Optional<String> common = text(SELECTION);
        if (common.isEmpty()) {
            return isDefined() ? Method.EXACT : Method.automatic(phase);
        }
        Method method = find(SELECTION, common.get(), phase, any -> true);
        return method.serves(phase) ? method : Method.automatic(phase);
    }

    private static Method find(String name, String value, AttentionPhase phase, Predicate<Method> allowed) {
        if (value.equals(AUTO)) {
            return Method.automatic(phase);
        }
        List<Method> methods = Arrays.stream(Method.values()).filter(allowed).toList();
        return methods.stream().filter(method -> method.text().equals(value)).findFirst().orElseThrow(() -> new IllegalArgumentException(ID
                + ": '" + value + "' is not a value for '" + name + "', which takes one of " + AUTO + ", "
                + methods.stream().map(Method::text).collect(Collectors.joining(", "))));
    }

    /**
     * Checks that each setting was read for a phase.
     *
     * @throws IllegalArgumentException for the first one that has no effect
     */
    void requireAllRead(Method prefill, Method decode) {
        for (String name : new TreeSet<>(READ_BY.keySet())) {
            if (settings.text(name).isPresent() && !read.contains(name)) {
                throw new IllegalArgumentException(
                        ID + ": '" + name + "' has no effect with " + PREFILL + "=" + prefill.text() + " and " + DECODE
                                + "=" + decode.text() + "; it belongs to " + READ_BY.get(name) + ": ask for that, or leave it out");
            }
        }
    }

    /** Returns {@code top_k}; 0 for none. */
    int topK() {
        read.add(TOP_K);
        return shownTopK();
    }

    /** Returns {@code top_k} for the list of parameters, where something else may stand in its place. */
    int shownTopK() {
        return topK.orElse(0);
    }

    /** Returns the distance of keys that are always kept; 0 for none. */
    int stride() {
        read.add(STRIDE);
        return stride.orElse(0);
    }

    /** Returns the number of latest keys that are always kept: at least the window, which also comes before the default. */
    int recent(int otherwise) {
        read.add(WINDOW);
        return Math.max(integer("recent", 0, Integer.MAX_VALUE, window.orElse(otherwise)), window.orElse(0));
    }

    /** Returns the number of first keys that are always kept. */
    int sinks(int otherwise) {
        return integer("sinks", 0, Integer.MAX_VALUE, otherwise);
    }

    /** Returns the number of visible keys below which everything is kept. */
    int minContext(int otherwise) {
        return integer(MIN_CONTEXT, 0, Integer.MAX_VALUE, otherwise);
    }

    int integer(String name, int min, int max, int otherwise) {
        return integer(name, min, max).orElse(otherwise);
    }

    OptionalInt integer(String name, int min, int max) {
        read.add(name);
        return settings.integer(name, min, max);
    }

    int powerOfTwo(String name, int min, int max, int otherwise) {
        int value = integer(name, min, max, otherwise);
        if (Integer.bitCount(value) != 1) {
            throw new IllegalArgumentException(ID + ": '" + value + "' is not a value for '" + name + "', which takes a power of two from "
                    + min + " to " + max);
        }
        return value;
    }

    /** Returns a number from 0 to 1. */
    double part(String name, double otherwise) {
        read.add(name);
        return settings.real(name, 0, 1).orElse(otherwise);
    }

    Optional<String> text(String name) {
        read.add(name);
        return settings.text(name);
    }
}
