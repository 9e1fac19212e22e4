package dev.winnow.core.tokenizer;

import dev.winnow.spi.ModelMetadata;
import java.util.BitSet;
import java.util.List;

/**
 * Finds the tokens that end a generation. Model files seldom list them, so llama.cpp finds them by their names (src/llama-vocab.cpp), and so does this class,
 * with the same exceptions. A token with such a name is a control token whatever the file says.
 */
final class EndTokens {

    private static final List<String> NAMES = List.of("<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>",
            "<|calls|>", "<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
            "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[");

    /** Names for filling in the middle. A generation must not run into a pad, another repository or another file. */
    private static final List<String> MIDDLE_PADS = List.of("<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]");
    private static final List<String> REPOSITORIES = List.of("<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>");
    private static final List<String> FILES = List.of("<|file_sep|>");
    private static final List<String> MIDDLE_PREFIXES = List.of("<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>",
            "▁<PRE>", "<|code_prefix|>", "<|prefix|>");
    private static final List<String> MIDDLE_SUFFIXES = List.of("<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>",
            "▁<SUF>", "<|code_suffix|>", "<|suffix|>");
    private static final List<String> MIDDLES = List.of("<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>",
            "<|code_middle|>", "<|middle|>");

    /** Channel names and the like of gpt-oss: they stay visible in answers. */
    private static final List<String> VISIBLE = List.of("<|channel|>", "<|message|>", "<|start|>", "<|constrain|>");

    private final Vocabulary vocabulary;
    private final BitSet tokens = new BitSet();
    private final BitSet structural = new BitSet();

    EndTokens(Vocabulary vocabulary, ModelMetadata metadata) {
        this.vocabulary = vocabulary;
        findMiddle(metadata, "fim_pre", MIDDLE_PREFIXES);
        findMiddle(metadata, "fim_suf", MIDDLE_SUFFIXES);
        findMiddle(metadata, "fim_mid", MIDDLES);
        add(findMiddle(metadata, "fim_pad", MIDDLE_PADS));
        add(findMiddle(metadata, "fim_rep", REPOSITORIES));
        add(findMiddle(metadata, "fim_sep", FILES));
        for (String name : NAMES) {
            int token = vocabulary.find(name);
            add(token);
            control(token);
        }
        for (String name : VISIBLE) {
            show(vocabulary.find(name));
        }
        add(vocabulary.eos());
        add(vocabulary.special(metadata, "eot", Vocabulary.NONE));
        add(vocabulary.special(metadata, "eom", Vocabulary.NONE));
        excludeHarmonyEnd();
        excludeGemmaEnd();
    }

    /** Returns the token that the metadata or else a name gives. */
    private int findMiddle(ModelMetadata metadata, String key, List<String> names) {
        int token = vocabulary.special(metadata, key, Vocabulary.NONE);
        for (int i = 0; i < names.size() && token == Vocabulary.NONE; i++) {
            token = vocabulary.find(names.get(i));
            control(token);
        }
        return token;
    }

    private void add(int token) {
        if (token != Vocabulary.NONE) {
            tokens.set(token);
        }
    }

    private void control(int token) {
        if (token != Vocabulary.NONE) {
            vocabulary.mark(token, vocabulary.marks(token) | TokenMark.CONTROL);
            structural.set(token);
        }
    }

    private void show(int token) {
        if (token != Vocabulary.NONE) {
            vocabulary.mark(token, TokenMark.USER_DEFINED);
            structural.set(token);
        }
    }

    /** In the harmony format of gpt-oss and in Solar Open, {@code <|end|>} ends a message, not the answer. */
    private void excludeHarmonyEnd() {
        boolean harmony = ends("<|return|>") && (ends("<|call|>") || ends("<|calls|>"));
        boolean solar = ends("<|flush|>") && (ends("<|call|>") || ends("<|calls|>"));
        if (ends("<|end|>") && (harmony || solar)) {
            int token = vocabulary.find("<|end|>");
            tokens.clear(token);
            show(token);
        }
    }

    /** In Gemma 4, {@code </s>} is the end of struck-out text. */
    private void excludeGemmaEnd() {
        if (ends("<|tool_response>") && ends("</s>")) {
            int token = vocabulary.find("</s>");
            tokens.clear(token);
            structural.clear(token);
            vocabulary.mark(token, TokenMark.NORMAL);
        }
    }

    private boolean ends(String name) {
        int token = vocabulary.find(name);
        return token != Vocabulary.NONE && tokens.get(token);
    }

    /** Returns the tokens that end a generation. */
    BitSet tokens() {
        return tokens;
    }

    /** Returns the tokens that were found by name and that no message of a user may contain, whatever the file calls them. */
    BitSet structural() {
        return structural;
    }
}
