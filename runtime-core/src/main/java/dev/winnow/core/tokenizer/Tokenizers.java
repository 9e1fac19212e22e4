package dev.winnow.core.tokenizer;

import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.ModelMetadata;

/** Builds the tokenizer that a model file describes. */
public final class Tokenizers {

    private Tokenizers() {}

    /**
     * Returns the tokenizer of a model.
     *
     * @throws WinnowException for an unknown kind, or for a vocabulary that contradicts itself
     */
    public static Tokenizer of(ModelMetadata metadata) {
        String model = metadata.string("tokenizer.ggml.model").orElseThrow(
                () -> new WinnowException(WinnowException.Kind.MODEL,
                        "The key tokenizer.ggml.model is missing from the model's metadata."));
        return switch (model) {
            case "llama" -> sentencePiece(metadata);
            case "gpt2" -> byteLevelBpe(metadata);
            default -> throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                    "The tokenizer '" + model + "' (tokenizer.ggml.model) is not known; known are gpt2, llama and none.");
        };
    }

    private static Tokenizer sentencePiece(ModelMetadata metadata) {
        Vocabulary vocabulary = new Vocabulary(metadata, 1, 2);
        ModelTokenizer.Rules rules = new ModelTokenizer.Rules(flag(metadata, "add_bos_token", true), flag(metadata, "add_eos_token", false),
                flag(metadata, "add_space_prefix", true), false);
        return new ModelTokenizer(vocabulary, new SentencePiece(vocabulary, rules.addSpacePrefix()), rules);
    }

    private static Tokenizer byteLevelBpe(ModelMetadata metadata) {
        Vocabulary vocabulary = new Vocabulary(metadata, 11, 11);
        PreTokenizer words = PreTokenizer.of(metadata.string("tokenizer.ggml.pre").orElse("default"));
        ModelTokenizer.Rules rules = new ModelTokenizer.Rules(flag(metadata, "add_bos_token", words.addsBos()),
                flag(metadata, "add_eos_token", false),
                flag(metadata, "add_space_prefix", false), words.cleansSpaces());
        return new ModelTokenizer(vocabulary, new ByteLevelBpe(metadata, vocabulary, words), rules);
    }

    private static boolean flag(ModelMetadata metadata, String name, boolean fallback) {
        return metadata.bool("tokenizer.ggml." + name).orElse(fallback);
    }
}
