package dev.winnow.launcher.convert;

import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufType;
import dev.winnow.core.gguf.GgufValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The tokens of a vocabulary while it is collected: texts, types and scores by number. */
final class TokenTable {

    /** No vocabulary has more; a larger number is a mistake, and the table would not fit into memory. */
    static final int MAX_TOKEN = (1 << 22) - 1;

    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int UNUSED = 5;
    static final int BYTE = 6;

    private static final float SCORE_OF_ADDED = -1000; // llama.cpp's

    private record Token(String text, int type, float score) {}

    private final List<@Nullable Token> tokens = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    /** Sets a token; numbers may come in any order. */
    void set(int number, String text, int type, float score) {
        while (tokens.size() <= number) {
            tokens.add(null);
        }
        tokens.set(number, new Token(text, type, score));
        numbers.put(text, number);
    }

    /** Sets a token that was added to a vocabulary after its training; it shapes the dialogue if it is special or looks so. */
    void setAdded(int number, String text, boolean special) {
        boolean control = special || looksSpecial(text);
        Token old = number < tokens.size() ? tokens.get(number) : null;
        float score = old == null ? SCORE_OF_ADDED : old.score();
        set(number, text, old != null && old.type() == UNKNOWN ? UNKNOWN : control ? CONTROL : USER_DEFINED, score);
    }

    /** Names by which llama.cpp knows special tokens that their authors forgot to declare (conversion, does_token_look_special). */
    private static boolean looksSpecial(String text) {
        return text.equals("<pad>") || text.equals("<mask>") || text.equals("<2mass>") || text.equals("[@BOS@]")
                || text.startsWith("<|") && text.endsWith("|>") || text.startsWith("<｜") && text.endsWith("｜>")
                || text.startsWith("<unused") && text.endsWith(">");
    }

    int size() {
        return tokens.size();
    }

    OptionalInt find(String text) {
        Integer number = numbers.get(text);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** Writes {@code count} tokens; those that are missing are filled in as unused ones, as the embeddings have rows for them. */
    void describe(GgufMetadata.Builder metadata, int count, boolean withScores) {
        String[] texts = new String[count];
        long[] types = new long[count];
        float[] scores = new float[count];
        for (int i = 0; i < count; i++) {
            Token token = i < tokens.size() ? tokens.get(i) : null;
            texts[i] = token == null ? "[PAD" + i + "]" : token.text();
            types[i] = token == null ? UNUSED : token.type();
            scores[i] = token == null ? SCORE_OF_ADDED : token.score();
        }
        metadata.set("tokenizer.ggml.tokens", GgufValue.strings(texts));
        if (withScores) {
            metadata.set("tokenizer.ggml.scores", GgufValue.reals(scores));
        }
        metadata.set("tokenizer.ggml.token_type", GgufValue.integers(GgufType.I32, types));
    }
}
