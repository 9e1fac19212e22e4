package dev.winnow.launcher.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Recognises how a {@code tokenizer.json} cuts texts into words, and gives it llama.cpp's name ({@code tokenizer.ggml.pre}). A pre-tokenizer is a list of steps,
 * written here as one line each: {@code digits} (single digits), {@code bytes} (GPT-2's own pattern), or the pattern of a split.
 */
final class PreTokenizerNames {

    private static final String TAIL = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|";
    private static final String LLAMA3 = CONTRACTIONS + "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|" + TAIL;
    private static final String QWEN2 = CONTRACTIONS + "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|" + TAIL;
    private static final String QWEN35 = CONTRACTIONS
            + "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String SUFFIX = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
    private static final String O200K_TAIL = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String O200K = "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "*" + LOWER + "+" + SUFFIX + "|[^\\r\\n\\p{L}\\p{N}]?" + UPPER
            + "+"
            + LOWER + "*" + SUFFIX + "|\\p{N}{1,3}|" + O200K_TAIL;
    private static final String TEKKEN = "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "*" + LOWER + "+|[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "+" + LOWER
            + "*|\\p{N}|" + O200K_TAIL;
    private static final String DEEPSEEK3 = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
            + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final Map<List<String>, String> KNOWN = new LinkedHashMap<>();

    static {
        KNOWN.put(List.of(LLAMA3), "llama-bpe");
        KNOWN.put(List.of(QWEN2), "qwen2");
        KNOWN.put(List.of(QWEN35), "qwen35");
        KNOWN.put(List.of(O200K), "gpt-4o");
        KNOWN.put(List.of(TEKKEN), "tekken");
        KNOWN.put(List.of("\\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", DEEPSEEK3), "deepseek-v3");
        KNOWN.put(List.of("digits", "bytes"), "smollm");
        KNOWN.put(List.of("bytes"), "gpt-2");
    }

    private PreTokenizerNames() {}

    /** Returns the name, or empty for one that is not known; {@code wholeWords} is {@code ignore_merges} of the model. */
    static Optional<String> recognise(JsonObject preTokenizer, boolean wholeWords) {
        List<String> steps = new ArrayList<>();
        collect(preTokenizer, steps);
        String name = KNOWN.get(steps);
        // The same words, but a word that is a token is still put together by merges.
        return Optional.ofNullable("llama-bpe".equals(name) && !wholeWords ? "smaug-bpe" : name);
    }

    static String known() {
        return KNOWN.values().stream().sorted().collect(Collectors.joining(", "));
    }

    private static void collect(JsonObject step, List<String> steps) {
        String type = step.text("type").orElseThrow(() -> step.missing("type"));
        switch (type) {
            case "Sequence" -> step.objects("pretokenizers").forEach(part -> collect(part, steps));
            case "ByteLevel" -> {
                if (step.bool("use_regex").orElse(true)) {
                    steps.add("bytes");
                }
            }
            case "Digits" -> steps.add(step.bool("individual_digits").orElse(false) ? "digits" : "numbers");
            case "Split" -> steps.add(step.object("pattern").flatMap(pattern -> pattern.text("Regex")).orElse("?"));
            default -> steps.add(type);
        }
    }
}
