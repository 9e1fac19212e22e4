package dev.winnow.core.tokenizer;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.ModelMetadata;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/** The tokens of a model: texts, scores, what kind each is, and the special ones. Changed only while the tokenizer is built. Rules: llama.cpp, src/llama-vocab.cpp. */
final class Vocabulary {

    /** No token. */
    static final int NONE = StringIndex.NONE;

    private static final int[] MARKS_BY_TYPE = {0, TokenMark.NORMAL, TokenMark.UNKNOWN, TokenMark.CONTROL, TokenMark.USER_DEFINED, 0,
            TokenMark.BYTE}; // by tokenizer.ggml.token_type; 0 for undefined and unused tokens, which have no text

    private final StringIndex texts;
    private final int size;
    private final float[] scores; // [token], empty if there are none
    private final byte[] marks; // [token], bits of TokenMark
    private final BitSet structural; // tokens that no message of a user may contain
    private final BitSet strippingRight = new BitSet(); // specials that swallow the white space after them
    private final BitSet endings;
    private final int bos;
    private final int eos;
    private final int unknown;

    Vocabulary(ModelMetadata metadata, int defaultBos, int defaultEos, int defaultUnknown) {
        String[] tokens = metadata.strings("tokenizer.ggml.tokens").orElseThrow(
                () -> invalid("The key tokenizer.ggml.tokens is missing from the model's metadata: the file has no vocabulary."));
        size = tokens.length;
        texts = new StringIndex(size);
        for (int token = 0; token < size; token++) {
            texts.add(tokens[token].isEmpty() ? "[EMPTY_" + token + "]" : tokens[token]);
        }
        scores = metadata.reals("tokenizer.ggml.scores").orElseGet(() -> new float[0]);
        if (scores.length > 0 && scores.length < size) {
            throw invalid("The vocabulary has " + size + " tokens, but only " + scores.length
                    + " scores (tokenizer.ggml.scores): the model file is damaged.");
        }
        marks = readMarks(metadata);
        bos = special(metadata, "bos", defaultBos);
        eos = special(metadata, "eos", defaultEos);
        unknown = special(metadata, "unknown", defaultUnknown);
        structural = marked(TokenMark.CONTROL | TokenMark.UNKNOWN);
        EndTokens ends = new EndTokens(this, metadata);
        endings = ends.tokens();
        structural.or(ends.structural());
        findStrippingTokens(metadata.string("general.name").orElse("").toLowerCase(Locale.ROOT));
    }

    private static WinnowException invalid(String message) {
        return new WinnowException(WinnowException.Kind.MODEL, message);
    }

    private byte[] readMarks(ModelMetadata metadata) {
        byte[] result = new byte[size];
        long[] types = metadata.integers("tokenizer.ggml.token_type").orElse(null);
        if (types == null) {
            java.util.Arrays.fill(result, (byte) TokenMark.NORMAL);
            return result;
        }
        if (types.length < size) {
            throw invalid("The vocabulary has " + size + " tokens, but only " + types.length
                    + " types (tokenizer.ggml.token_type): the model file is damaged.");
        }
        for (int token = 0; token < size; token++) {
            boolean known = types[token] >= 0 && types[token] < MARKS_BY_TYPE.length;
            result[token] = (byte) (known ? MARKS_BY_TYPE[(int) types[token]] : 0);
        }
        return result;
    }

    /** Returns a special token of the metadata; a token outside of the vocabulary is ignored. */
    int special(ModelMetadata metadata, String name, int fallback) {
        long token = metadata.integer("tokenizer.ggml." + name + "_token_id").orElse(fallback);
        boolean valid = token >= 0 && token < size;
        return valid ? (int) token : fallback >= 0 && fallback < size ? fallback : NONE;
    }

    /** In Phi-3 the white space after most special tokens is part of them. */
    private void findStrippingTokens(String modelName) {
        if (modelName.contains("phi-3") || modelName.contains("phi3")) {
            strippingRight.or(marked(TokenMark.CONTROL | TokenMark.UNKNOWN | TokenMark.USER_DEFINED));
            for (String kept : List.of("<unk>", "<s>", "<|endoftext|>")) {
                int token = find(kept);
                if (token != NONE) {
                    strippingRight.clear(token);
                }
            }
        }
    }

    /** Returns the tokens that have one of several marks. */
    BitSet marked(int anyOf) {
        BitSet result = new BitSet();
        for (int token = 0; token < size; token++) {
            if (has(token, anyOf)) {
                result.set(token);
            }
        }
        return result;
    }

    void mark(int token, int newMarks) {
        marks[token] = (byte) newMarks;
    }

    int marks(int token) {
        return marks[token];
    }

    /** Whether a token has one of several marks. */
    boolean has(int token, int anyOf) {
        return (marks[token] & anyOf) != 0;
    }

    int size() {
        return size;
    }

    /**
     * Returns the text of a token as it stands in the file.
     *
     * @throws WinnowException for a number that is no token
     */
    String text(int token) {
        if (token < 0 || token >= size) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The token " + token + " does not exist: the vocabulary has tokens from 0 to " + (size - 1) + ".");
        }
        return texts.text(token);
    }

    float score(int token) {
        return scores.length == 0 ? 0 : scores[token];
    }

    /** Returns the token with a text, or {@link #NONE}. */
    int find(String text) {
        int token = texts.find(text);
        return token < size ? token : NONE;
    }

    /** Returns the texts of the tokens, by their numbers; merges add theirs behind them. */
    StringIndex symbols() {
        return texts;
    }

    /**
     * Returns the token that part of a text becomes, or {@link #NONE}. Control tokens and the unknown token are never found: text does not become them unless it
     * is parsed for their names.
     */
    int findInText(String text, int start, int end) {
        int token = texts.find(text, start, end);
        return isText(token) ? token : NONE;
    }

    /** Whether a symbol is a token that text becomes. */
    boolean isText(int symbol) {
        return symbol >= 0 && symbol < size && !has(symbol, TokenMark.CONTROL | TokenMark.UNKNOWN);
    }

    /** Whether a token shapes the dialogue, so that no message may contain it. */
    boolean isStructural(int token) {
        return structural.get(token);
    }

    /** Whether the white space after a special token is part of it. */
    boolean stripsRight(int token) {
        return strippingRight.get(token);
    }

    boolean isEnding(int token) {
        return token >= 0 && endings.get(token);
    }

    int bos() {
        return bos;
    }

    int eos() {
        return eos;
    }

    int unknown() {
        return unknown;
    }
}
