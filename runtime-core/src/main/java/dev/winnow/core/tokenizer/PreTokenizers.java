package dev.winnow.core.tokenizer;

import dev.winnow.api.WinnowException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The pre-tokenizers by their names in {@code tokenizer.ggml.pre}. Names, patterns and flags are llama.cpp's (src/llama-vocab.cpp), the patterns in turn those
 * of the models' tokenizer.json files.
 */
final class PreTokenizers {

    private static final String CONTRACTION = "'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])";
    private static final String BLANKS = "\\s+(?!\\S)|\\s+";
    private static final String BREAKS_AND_BLANKS = "\\s*[\\r\\n]+|" + BLANKS;
    private static final String SIGNS = " ?[^\\s\\p{L}\\p{N}]+";
    private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";

    private static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+|" + SIGNS + "|" + BLANKS;
    private static final String GPT4 = CONTRACTION + "|" + WORD + "|\\p{N}{1,3}|" + SIGNS + "[\\r\\n]*|" + BREAKS_AND_BLANKS;
    /** Without contractions, so that the suffixes of Turkish names stay behind their apostrophe. */
    private static final String UFAKZEKA = WORD + "|\\p{N}|" + SIGNS + "[\\r\\n]*|" + BREAKS_AND_BLANKS;
    private static final String QWEN2 = CONTRACTION + "|" + UFAKZEKA;
    private static final String QWEN35 = CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|"
            + BREAKS_AND_BLANKS;
    private static final String O200K = cased("\\p{L}", CONTRACTION) + "|\\p{N}{1,3}|" + SIGNS + "[\\r\\n/]*|" + BREAKS_AND_BLANKS;
    private static final String ANY_WORD = "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+(?:" + CONTRACTION + ")?";
    private static final String TRIPLES = "\\p{N}{1,3}";
    private static final String SINGLES = "\\p{N}";
    private static final String LINES = "[^\\n]+|\\n+";

    private static final String ASCII_SIGN = "[!-/:-@\\[-`{-~]";
    private static final String DEEPSEEK_WORDS = ASCII_SIGN + "[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+";
    private static final String DEEPSEEK3 = DEEPSEEK_WORDS + "[\\r\\n]*|" + BREAKS_AND_BLANKS;
    private static final String CHINESE_AND_KANA = "[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{30FF}]+";
    private static final String CHINESE_AND_HANGUL = "[\\x{800}-\\x{9FA5}\\x{AC00}-\\x{D7FF}]+";
    private static final String EAST_ASIAN = "[\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{F900}-\\x{FAFF}\\x{3040}-\\x{30FF}\\x{FF65}-\\x{FF9F}"
            + "\\x{2F00}-\\x{2FDF}\\x{E40}-\\x{E7F}\\x{E80}-\\x{EFF}\\x{1780}-\\x{17FF}\\x{1000}-\\x{109F}\\x{AA60}-\\x{AA7F}"
            + "\\x{A9E0}-\\x{A9FF}\\x{AC00}-\\x{D7AF}\\x{1100}-\\x{11FF}]+";
    private static final String YOUTU_SCRIPTS = "[\\x{AC00}-\\x{D7A3}\\x{3131}-\\x{318E}]+|[\\x{FF01}\\x{2026}\\x{201C}\\x{201D}\\x{2018}\\x{2019}\\x{2014}"
            + "\\x{FF1A}\\x{FF1B}\\x{FF0C}\\x{3001}-\\x{303F}\\x{FE30}-\\x{FE4F}]+|[\\x{3105}-\\x{312F}]+|" + CHINESE_AND_KANA;
    /** The letters with case of DeepSeek's first tokenizer. */
    private static final String CASED = "A-Za-z\\x{B5}\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{1BA}\\x{1BC}-\\x{1BF}\\x{1C4}-\\x{293}"
            + "\\x{295}-\\x{2AF}\\x{370}-\\x{373}\\x{376}\\x{377}\\x{37B}-\\x{37D}\\x{37F}\\x{386}\\x{388}-\\x{38A}"
            + "\\x{38C}\\x{38E}-\\x{3A1}\\x{3A3}-\\x{3F5}\\x{3F7}-\\x{481}\\x{48A}-\\x{52F}\\x{531}-\\x{556}"
            + "\\x{10A0}-\\x{10C5}\\x{13A0}-\\x{13F5}\\x{13F8}-\\x{13FD}\\x{1C90}-\\x{1CBA}\\x{1CBD}-\\x{1CBF}"
            + "\\x{1D00}-\\x{1D2B}\\x{1D6B}-\\x{1D77}\\x{1D79}-\\x{1D9A}\\x{1E00}-\\x{1F15}\\x{1F18}-\\x{1F1D}"
            + "\\x{1F20}-\\x{1F45}\\x{1F48}-\\x{1F4D}\\x{1F50}-\\x{1F57}\\x{1F59}\\x{1F5B}\\x{1F5D}\\x{1F5F}-\\x{1F7D}"
            + "\\x{1F80}-\\x{1FB4}\\x{1FB6}-\\x{1FBC}\\x{1FBE}\\x{1FC2}-\\x{1FC4}\\x{1FC6}-\\x{1FCC}\\x{1FD0}-\\x{1FD3}"
            + "\\x{1FD6}-\\x{1FDB}\\x{1FE0}-\\x{1FEC}\\x{1FF2}-\\x{1FF4}\\x{1FF6}-\\x{1FFC}\\x{2102}\\x{2107}"
            + "\\x{210A}-\\x{2113}\\x{2115}\\x{2119}-\\x{211D}\\x{2124}\\x{2126}\\x{2128}\\x{212A}-\\x{212D}"
            + "\\x{212F}-\\x{2134}\\x{2139}\\x{213C}-\\x{213F}\\x{2145}-\\x{2149}\\x{214E}\\x{2183}\\x{2184}"
            + "\\x{2C00}-\\x{2C7B}\\x{2C7E}-\\x{2CE4}\\x{2CEB}-\\x{2CEE}\\x{2CF2}\\x{2CF3}\\x{A640}-\\x{A66D}"
            + "\\x{A680}-\\x{A69B}\\x{A722}-\\x{A76F}\\x{A771}-\\x{A787}\\x{A78B}-\\x{A78E}\\x{AB70}-\\x{ABBF}"
            + "\\x{FB00}-\\x{FB06}\\x{FB13}-\\x{FB17}\\x{FF21}-\\x{FF3A}\\x{FF41}-\\x{FF5A}\\x{10400}-\\x{1044F}"
            + "\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}\\x{10C80}-\\x{10CB2}\\x{10CC0}-\\x{10CF2}\\x{118A0}-\\x{118DF}"
            + "\\x{1E900}-\\x{1E943}";
    private static final String BLOOM = " ?[^(\\s|.,!?\\x{2026}\\x{3002}\\x{FF0C}\\x{3001}\\x{964}\\x{6D4}\\x{60C})]+";
    private static final String JAIS2_BLANKS = "\\s*[\\r\\n]+|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)|"
            + "\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s";
    /** Letters with their marks, and single spaces between them. */
    private static final String SPACED_WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}(?:[\\p{L}\\p{M}]+| \\p{L})*";

    private static final Map<String, Supplier<PreTokenizer>> KNOWN = known();

    private PreTokenizers() {}

    static Set<String> names() {
        return KNOWN.keySet();
    }

    /**
     * Returns the pre-tokenizer of a name.
     *
     * @throws WinnowException for an unknown name; the message lists the known ones
     */
    static PreTokenizer of(String name) {
        Supplier<PreTokenizer> family = KNOWN.get(name);
        if (family == null) {
            throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                    "The pre-tokenizer '" + name + "' (tokenizer.ggml.pre) is not known; known are " + String.join(", ", KNOWN.keySet())
                            + ".");
        }
        return family.get();
    }

    /** Words of upper and lower case letters; letters beyond ASCII count as both, as in llama.cpp. */
    private static String cased(String letters, String suffix) {
        String upper = "[" + letters + "--a-z]";
        String lower = "[" + letters + "--A-Z]";
        String end = suffix.isEmpty() ? "" : "(?:" + suffix + ")?";
        return "[^\\r\\n\\p{L}\\p{N}]?" + upper + "*" + lower + "+" + end + "|[^\\r\\n\\p{L}\\p{N}]?" + upper + "+" + lower + "*" + end;
    }

    private static Map<String, Supplier<PreTokenizer>> known() {
        Map<String, Supplier<PreTokenizer>> known = new TreeMap<>();
        addGptFamilies(known);
        addLlamaAndQwenFamilies(known);
        addDeepSeekFamilies(known);
        addOthers(known);
        return known;
    }

    private static void addGptFamilies(Map<String, Supplier<PreTokenizer>> known) {
        add(known, () -> PreTokenizer.of(GPT2), "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0",
                "mellum", "modern-bert", "jina-v1-en", "jina-v2-code", "roberta-bpe", "exaone4", "mpt", "olmo", "jais");
        add(known, () -> PreTokenizer.of(GPT2).keepingSpaces(), "trillion", "granite-docling");
        add(known, () -> PreTokenizer.of(SINGLES, GPT2), "starcoder", "refact", "codeshell", "exaone", "minerva-7b", "mellum2");
        add(known, () -> PreTokenizer.of(SINGLES, GPT2).keepingSpaces(), "smollm", "command-r");
        add(known, () -> PreTokenizer.of("[\\p{P}$+<=>\\^~|]+", GPT2, "\\p{N}+", "[0-9]{3}"), "default");
        add(known, () -> PreTokenizer.of("[\\p{P}$+<=>\\^~|`]+", GPT2, "[0-9]{3}"), "falcon");
        add(known, () -> PreTokenizer.of("<sentinel:[0-9]+>", "IMGIMG[A-I]{1,4}Z", "[\\t\\n]|    |  ", SINGLES, "[\\p{P}!-/:-@\\[-`{-~]",
                GPT2).withBos().keepingSpaces(), "chameleon");
        add(known, () -> PreTokenizer.of(O200K).keepingSpaces(), "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
        add(known,
                () -> PreTokenizer.of(cased("\\p{L}\\p{M}", CONTRACTION) + "|" + TRIPLES + "|" + SIGNS + "[\\r\\n/]*|" + BREAKS_AND_BLANKS)
                        .withWholeWords().keepingSpaces(),
                "granite-embed-multi-97m");
        add(known, () -> PreTokenizer.of(cased("\\p{L}", "") + "|" + SINGLES + "|" + SIGNS + "[\\r\\n/]*|" + BREAKS_AND_BLANKS)
                .withWholeWords().withBos().keepingSpaces(), "tekken");
    }

    private static void addLlamaAndQwenFamilies(Map<String, Supplier<PreTokenizer>> known) {
        add(known, () -> PreTokenizer.of(GPT4).withWholeWords().withBos(), "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1",
                "pixtral", "midm-2.0", "lfm2", "jina-v5-nano");
        add(known, () -> PreTokenizer.of(GPT4), "dbrx", "smaug-bpe");
        add(known, () -> PreTokenizer.of(GPT4).withoutBos(), "chatglm-bpe");
        add(known, () -> PreTokenizer.of(GPT4).withWholeWords().withoutBos(), "glm4", "glm5");
        add(known, () -> PreTokenizer.of(CONTRACTION + "|" + WORD + "|" + TRIPLES + "|" + SIGNS + "[\\r\\n]*|" + JAIS2_BLANKS), "jais-2");
        add(known, () -> PreTokenizer.of(TRIPLES, CONTRACTION + "|" + WORD + "|\\p{N}+|" + SIGNS + "[\\r\\n]*|" + BREAKS_AND_BLANKS)
                .withWholeWords(), "minicpm5");
        add(known, () -> PreTokenizer.of(QWEN2), "stablelm2", "megrez");
        add(known, () -> PreTokenizer.of(QWEN2).keepingSpaces(), "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "hunyuan", "solar-open",
                "grok-2");
        add(known, () -> PreTokenizer.of(UFAKZEKA).keepingSpaces(), "ufakzeka");
        add(known, () -> PreTokenizer.of(QWEN35).keepingSpaces(), "qwen35");
        add(known, () -> PreTokenizer.of(LINES, QWEN2).keepingSpaces(), "laguna");
        add(known, () -> PreTokenizer.of(CONTRACTION + "|" + WORD + "|" + SINGLES + "| ?[^\\s\\p{L}\\p{N}\\r\\n]+|" + BREAKS_AND_BLANKS)
                .keepingSpaces(), "seed-coder");
        add(known, () -> PreTokenizer.of("'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|" + WORD + "|" + SINGLES + "|" + SIGNS
                + "[\\r\\n]*|\\s*[\\r\\n]|" + BLANKS).keepingSpaces(), "bailingmoe", "bailingmoe2", "llada-moe");
        add(known,
                () -> PreTokenizer.of(CONTRACTION + "|" + SPACED_WORD + "|" + SINGLES + "|" + SIGNS + "[\\r\\n/]?|\\s*[\\r\\n]|" + BLANKS),
                "exaone-moe");
    }

    private static void addDeepSeekFamilies(Map<String, Supplier<PreTokenizer>> known) {
        add(known, () -> PreTokenizer.of("[\\r\\n]", "\\s?[" + CASED + "]+",
                "\\s?[!-/:-~\\x{FF01}-\\x{FF0F}\\x{FF1A}-\\x{FF5E}\\x{2018}-\\x{201F}\\x{3000}-\\x{3002}]+", "\\s+$", CHINESE_AND_HANGUL,
                "\\p{N}+")
                .keepingSpaces(), "deepseek-llm");
        add(known, () -> PreTokenizer.of("[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", CHINESE_AND_HANGUL, SINGLES).keepingSpaces(),
                "deepseek-coder");
        add(known, () -> PreTokenizer.of(TRIPLES, CHINESE_AND_KANA, DEEPSEEK3).keepingSpaces(), "deepseek-v3", "hunyuan-dense", "joyai-llm",
                "hy_v4");
        add(known, () -> PreTokenizer.of(TRIPLES, CHINESE_AND_KANA, DEEPSEEK_WORDS + "|[\\r\\n]|" + BLANKS, SINGLES).keepingSpaces(),
                "spark2_5");
        add(known, () -> PreTokenizer.of(List.of(thousands("\\p{N}", true), WordPatternParser.parse(EAST_ASIAN),
                WordPatternParser.parse(DEEPSEEK3))).keepingSpaces(), "afmoe");
        add(known, () -> PreTokenizer.of(YOUTU_SCRIPTS, ANY_WORD + "|" + SINGLES + "|" + SIGNS + "[\\r\\n/]*|" + BREAKS_AND_BLANKS)
                .withWholeWords().keepingSpaces(), "youtu");
    }

    private static void addOthers(Map<String, Supplier<PreTokenizer>> known) {
        add(known, () -> PreTokenizer.of(BLOOM), "bloom", "gpt3-finnish");
        add(known, () -> PreTokenizer.of(BLOOM).keepingSpaces(), "poro-chat");
        add(known, () -> PreTokenizer.of(BLOOM, SINGLES).keepingSpaces(), "viking");
        add(known,
                () -> PreTokenizer
                        .of("[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}--\\p{Han}]+(?:" + CONTRACTION + ")?|" + TRIPLES + "|" + SIGNS
                                + "[\\r\\n]*|" + BREAKS_AND_BLANKS)
                        .keepingSpaces(),
                "kimi-k2");
        add(known, () -> PreTokenizer.of(List.of(thousands("\\p{N}", true), WordPatternParser.parse(ANY_WORD + "|" + TRIPLES + "|" + SIGNS
                + "[\\r\\n/]*|" + BREAKS_AND_BLANKS))).keepingSpaces(), "tiny_aya", "cohere2moe");
        add(known, () -> PreTokenizer.of(List.of(WordPatternParser.parse("\\p{N}+"), thousands("\\d", false))).keepingSpaces(), "superbpe");
        add(known, () -> PreTokenizer.of(LINES).withCharacters(true), "gemma4", "granite-embed-multi-311m");
        add(known, () -> PreTokenizer.of(LINES).withCharacters(false).keepingSpaces(), "sarvam-moe");
    }

    private static DigitGroups thousands(String digits, boolean afterGroups) {
        return new DigitGroups(WordPatternParser.characterClass(digits), afterGroups);
    }

    private static void add(Map<String, Supplier<PreTokenizer>> known, Supplier<PreTokenizer> family, String... names) {
        for (String name : names) {
            known.put(name, family);
        }
    }
}
