package dev.winnow.core.tokenizer;

import dev.winnow.api.WinnowException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text into the words inside which BPE merges: one or several patterns, each applied to the pieces that the one before has left; what no pattern matches
 * is a piece too. The families and their patterns are llama.cpp's (src/llama-vocab.cpp).
 */
final class PreTokenizer {

    private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String CONTRACTIONS = "'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])";
    private static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String UPPER_LOWER = "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^a-z]]*[\\p{L}&&[^A-Z]]+";
    private static final String UPPER = "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^a-z]]+[\\p{L}&&[^A-Z]]*";
    private static final String CJK = "[一-龥ࠀ-一가-퟿]+";
    /** DeepSeek's list of cased letters, which are Unicode's without Georgian Mkhedruli. */
    private static final String CASED_LETTERS = "[\\p{Lu}\\p{Ll}\\p{Lt}&&[^\\x{10D0}-\\x{10FF}]]";

    private static final Map<String, PreTokenizer> KNOWN = known();

    private final List<Pattern> patterns;
    private final boolean wholeWords;
    private final boolean addBos;
    private final boolean cleanSpaces;

    private PreTokenizer(boolean wholeWords, boolean addBos, boolean cleanSpaces, String... patterns) {
        this.wholeWords = wholeWords;
        this.addBos = addBos;
        this.cleanSpaces = cleanSpaces;
        this.patterns = java.util.Arrays.stream(patterns).map(pattern -> Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS))
                .toList();
    }

    private static Map<String, PreTokenizer> known() {
        Map<String, PreTokenizer> known = new TreeMap<>();
        add(known, new PreTokenizer(true, true, true, llama3("\\p{L}+", "\\p{N}{1,3}", "[^\\s\\p{L}\\p{N}]+")), "llama-bpe", "llama3",
                "llama-v3", "falcon3",
                "falcon-h1", "pixtral", "lfm2", "midm-2.0", "jina-v5-nano");
        add(known, new PreTokenizer(false, false, false, llama3("\\p{L}+", "\\p{N}", "[^\\s\\p{L}\\p{N}]+")), "qwen2", "deepseek-r1-qwen",
                "kormo", "megrez",
                "stablelm2", "hunyuan", "solar-open", "grok-2");
        add(known, new PreTokenizer(false, false, false, llama3("[\\p{L}\\p{M}]+", "\\p{N}", "[^\\s\\p{L}\\p{M}\\p{N}]+")), "qwen35");
        add(known, new PreTokenizer(false, false, true, GPT2), "gpt-2", "phi-2", "mpt", "olmo", "jais", "modern-bert", "roberta-bpe",
                "exaone4", "a.x-4.0",
                "trillion", "granite-docling");
        add(known, new PreTokenizer(false, false, true, "\\p{N}", GPT2), "starcoder", "refact", "command-r", "codeshell", "exaone",
                "minerva-7b", "mellum2");
        add(known, new PreTokenizer(false, false, false, "\\p{N}", GPT2), "smollm");
        add(known, new PreTokenizer(false, false, true, "[\\p{P}$+<=>^~|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]"), "default");
        add(known, new PreTokenizer(false, false, true, "[\\p{P}$+<=>^~|`]+", GPT2, "[0-9][0-9][0-9]"), "falcon");
        add(known,
                new PreTokenizer(false, false, false, "[\\r\\n]", "\\s?" + CASED_LETTERS + "+", "\\s?[!-/:-~！-／：-～‘-‟　-。]+", "\\s+\\z",
                        CJK, "\\p{N}+"),
                "deepseek-llm");
        add(known, new PreTokenizer(false, false, false, "[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", CJK, "\\p{N}"), "deepseek-coder");
        add(known, new PreTokenizer(false, false, false, "\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|"
                        + SPACES),
                "deepseek-v3", "hunyuan-dense", "joyai-llm");
        add(known, new PreTokenizer(false, false, false, UPPER_LOWER + "(?:" + CONTRACTIONS + ")?|" + UPPER + "(?:" + CONTRACTIONS
                + ")?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" + SPACES), "gpt-4o", "llama4", "kanana2", "minimax-m2");
        add(known, new PreTokenizer(true, true, false, UPPER_LOWER + "|" + UPPER + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" + SPACES),
                "tekken");
        return known;
    }

    private static String llama3(String letters, String digits, String signs) {
        return CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?" + letters + "|" + digits + "| ?" + signs + "[\\r\\n]*|" + SPACES;
    }

    private static void add(Map<String, PreTokenizer> known, PreTokenizer preTokenizer, String... names) {
        for (String name : names) {
            known.put(name, preTokenizer);
        }
    }

    /**
     * Returns the pre-tokenizer of a name in {@code tokenizer.ggml.pre}.
     *
     * @throws WinnowException for an unknown name; the message lists the known ones
     */
    static PreTokenizer of(String name) {
        PreTokenizer preTokenizer = KNOWN.get(name);
        if (preTokenizer == null) {
            throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                    "The pre-tokenizer '" + name + "' (tokenizer.ggml.pre) is not known; known are " + String.join(", ", KNOWN.keySet())
                            + ".");
        }
        return preTokenizer;
    }

    /** Whether a word that is a token as a whole is not merged from its bytes. */
    boolean takesWholeWords() {
        return wholeWords;
    }

    boolean addsBos() {
        return addBos;
    }

    boolean cleansSpaces() {
        return cleanSpaces;
    }

    void split(String text, Consumer<String> words) {
        List<String> pieces = List.of(text);
        for (Pattern pattern : patterns) {
            List<String> finer = new ArrayList<>();
            for (String piece : pieces) {
                split(pattern, piece, finer);
            }
            pieces = finer;
        }
        pieces.forEach(words);
    }

    private static void split(Pattern pattern, String piece, List<String> target) {
        Matcher matcher = pattern.matcher(piece);
        int from = 0;
        while (matcher.find()) {
            if (matcher.start() > from) {
                target.add(piece.substring(from, matcher.start()));
            }
            if (matcher.end() > matcher.start()) {
                target.add(matcher.group());
            }
            from = matcher.end();
        }
        if (from < piece.length()) {
            target.add(piece.substring(from));
        }
    }
}
