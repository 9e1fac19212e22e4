package dev.winnow.core.tokenizer;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.ModelMetadata;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** The tokens of a model: texts, scores, types and special ids. Immutable. */
final class Vocabulary {

    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int BYTE = 6;

    /** Names of tokens that end a generation whatever the metadata say (llama.cpp, src/llama-vocab.cpp). */
    private static final Set<String> END_NAMES = Set.of("<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>",
            "<|endoftext|>",
            "<|eom_id|>", "<EOT>", "_<EOT>", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<｜end▁of▁sentence｜>", "</s>");

    private final String[] texts; // [token]
    private final float[] scores; // [token]
    private final int[] types; // [token]
    private final Map<String, Integer> ids;
    private final List<Integer> specials; // by length of their text, longest first
    private final BitSet strippingRight = new BitSet(); // specials that swallow the white space after them
    private final BitSet endings = new BitSet();
    private final int bos;
    private final int eos;

    Vocabulary(ModelMetadata metadata, int defaultBos, int defaultEos) {
        texts = metadata.strings("tokenizer.ggml.tokens")
                .orElseThrow(() -> invalid("The key tokenizer.ggml.tokens is missing from the model's metadata."));
        scores = metadata.reals("tokenizer.ggml.scores").orElseGet(() -> new float[texts.length]);
        if (scores.length != texts.length) {
            throw invalid("The vocabulary has " + texts.length + " tokens, but " + scores.length + " scores (tokenizer.ggml.scores).");
        }
        types = readTypes(metadata);
        ids = new HashMap<>(texts.length * 2);
        for (int token = 0; token < texts.length; token++) {
            if (texts[token].isEmpty()) {
                texts[token] = "[EMPTY_" + token + "]";
            }
            ids.putIfAbsent(texts[token], token);
        }
        bos = special(metadata, "bos", defaultBos);
        eos = special(metadata, "eos", defaultEos);
        specials = new ArrayList<>();
        for (int token = 0; token < texts.length; token++) {
            if (types[token] == CONTROL || types[token] == USER_DEFINED || types[token] == UNKNOWN) {
                specials.add(token);
            }
        }
        specials.sort(Comparator.comparingInt((Integer token) -> texts[token].getBytes(StandardCharsets.UTF_8).length).reversed());
        findEndings(metadata);
        String name = metadata.string("general.name").orElse("").toLowerCase(Locale.ROOT);
        if (name.contains("phi-3") || name.contains("phi3")) {
            specials.forEach(strippingRight::set);
            for (String kept : List.of("<unk>", "<s>", "<|endoftext|>")) {
                find(kept).ifPresent(strippingRight::clear);
            }
            find("</s>").ifPresent(strippingRight::set);
        }
    }

    private static WinnowException invalid(String message) {
        return new WinnowException(WinnowException.Kind.MODEL, message);
    }

    private int[] readTypes(ModelMetadata metadata) {
        long[] values = metadata.integers("tokenizer.ggml.token_type").orElseGet(() -> new long[texts.length]);
        if (values.length != texts.length) {
            throw invalid("The vocabulary has " + texts.length + " tokens, but " + values.length + " types (tokenizer.ggml.token_type).");
        }
        int[] result = new int[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (int) values[i];
        }
        return result;
    }

    /** A special id; −1 for none. Ids outside the vocabulary are ignored, as llama.cpp does. */
    private int special(ModelMetadata metadata, String name, int fallback) {
        long id = metadata.integer("tokenizer.ggml." + name + "_token_id").orElse(fallback);
        return id >= 0 && id < texts.length ? (int) id : -1;
    }

    private void findEndings(ModelMetadata metadata) {
        for (String name : List.of("eos", "eot", "eom", "fim_pad", "fim_rep", "fim_sep")) {
            int id = name.equals("eos") ? eos : special(metadata, name, -1);
            if (id >= 0) {
                endings.set(id);
            }
        }
        for (String name : END_NAMES) {
            OptionalInt id = find(name);
            if (id.isPresent() && (types[id.getAsInt()] == CONTROL || types[id.getAsInt()] == USER_DEFINED)) {
                endings.set(id.getAsInt());
            }
        }
    }

    int size() {
        return texts.length;
    }

    String text(int token) {
        return texts[token];
    }

    float score(int token) {
        return scores[token];
    }

    OptionalInt find(String text) {
        Integer id = ids.get(text);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Returns the id of a text, −1 for none. */
    int id(String text) {
        return ids.getOrDefault(text, -1);
    }

    Map<String, Integer> ids() {
        return ids;
    }

    boolean isUserDefined(int token) {
        return types[token] == USER_DEFINED;
    }

    boolean isByte(int token) {
        return types[token] == BYTE;
    }

    /** Whether a token has no text of its own in an answer. */
    boolean isHidden(int token) {
        return types[token] == CONTROL || types[token] == UNKNOWN;
    }

    List<Integer> specials() {
        return specials;
    }

    boolean stripsRight(int token) {
        return strippingRight.get(token);
    }

    boolean isEnding(int token) {
        return endings.get(token);
    }

    int bos() {
        return bos;
    }

    int eos() {
        return eos;
    }
}
