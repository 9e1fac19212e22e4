package dev.winnow.core.tokenizer;

import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.ModelMetadata;
import java.util.BitSet;

/** Builds the tokenizer that a model file describes. */
public final class Tokenizers {

    private Tokenizers() {}

    /**
     * Returns the tokenizer of a model, from the keys under {@code tokenizer.ggml}. Its results are those of llama.cpp (src/llama-vocab.cpp). A lone surrogate in
     * a text is read as U+FFFD.
     *
     * @throws WinnowException for an unknown kind of tokenizer or pre-tokenizer, or for a vocabulary that contradicts itself
     */
    public static Tokenizer of(ModelMetadata metadata) {
        String model = metadata.string("tokenizer.ggml.model").orElseThrow(
                () -> new WinnowException(WinnowException.Kind.MODEL,
                        "The key tokenizer.ggml.model is missing from the model's metadata."));
        return switch (model) {
            case "llama" -> sentencePiece(metadata);
            case "gpt2" ->
                bytePairEncoding(metadata, metadata.string("tokenizer.ggml.pre").filter(name -> !name.isEmpty()).orElse("default"), 11);
            case "gemma4" -> bytePairEncoding(metadata, "gemma4", Vocabulary.NONE);
            default -> throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                    "The tokenizer '" + model + "' (tokenizer.ggml.model) is not known; known are gemma4, gpt2, llama and none.");
        };
    }

    /**
     * Returns the tokens of a text that a program wrote around messages of users: a chat prompt. In the program's part, names of control tokens become these
     * tokens; in a message they never do, also where a name begins in one part and ends in another. Otherwise the result is that of
     * {@link Tokenizer#encode Tokenizer.encode(text, addSpecial, true)}: words that reach from one part into another are not cut.
     *
     * @param tokenizer a tokenizer made by {@link #of}
     * @param messages  the UTF-16 units of the text that users wrote
     * @throws IllegalArgumentException for a tokenizer from elsewhere
     */
    public static int[] encodePrompt(Tokenizer tokenizer, String text, BitSet messages, boolean addSpecial) {
        if (tokenizer instanceof ModelTokenizer known) {
            return known.encode(text, addSpecial, true, messages);
        }
        throw new IllegalArgumentException("the tokenizer was not made by Tokenizers.of");
    }

    private static Tokenizer sentencePiece(ModelMetadata metadata) {
        Vocabulary vocabulary = new Vocabulary(metadata, 1, 2, 0);
        boolean addSpacePrefix = flag(metadata, "add_space_prefix", true);
        ModelTokenizer.Rules rules = new ModelTokenizer.Rules(flag(metadata, "add_bos_token", true), flag(metadata, "add_eos_token", false),
                addSpacePrefix, false);
        return new ModelTokenizer(vocabulary, new SentencePiece(vocabulary, addSpacePrefix), rules);
    }

    private static Tokenizer bytePairEncoding(ModelMetadata metadata, String name, int defaultSpecial) {
        PreTokenizer preTokenizer = PreTokenizers.of(name);
        Vocabulary vocabulary = new Vocabulary(metadata, preTokenizer.hasBos() ? defaultSpecial : Vocabulary.NONE, defaultSpecial,
                Vocabulary.NONE);
        MergeTable merges = new MergeTable(metadata, vocabulary, !name.equals("kimi-k2"));
        // Early model files of Gemma 4 say by mistake that texts begin without the token.
        boolean addBos = preTokenizer.wholeBreaks() || flag(metadata, "add_bos_token", preTokenizer.addsBos());
        ModelTokenizer.Rules rules = new ModelTokenizer.Rules(addBos, flag(metadata, "add_eos_token", false),
                flag(metadata, "add_space_prefix", false), preTokenizer.cleansSpaces());
        return new ModelTokenizer(vocabulary, new BytePairEncoding(vocabulary, preTokenizer, merges), rules);
    }

    private static boolean flag(ModelMetadata metadata, String name, boolean fallback) {
        return metadata.bool("tokenizer.ggml." + name).orElse(fallback);
    }
}
