package dev.winnow.core.tokenizer;

import dev.winnow.api.TokenDecoder;
import dev.winnow.api.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** A tokenizer of either kind: special tokens around and inside a text, and the way back. */
final class ModelTokenizer implements Tokenizer {

    /**
     * What a model adds to and removes from texts.
     *
     * @param addBos         a token at the beginning
     * @param addEos         a token at the end
     * @param addSpacePrefix a space before the text, removed again in decoding
     * @param cleanSpaces    spaces before punctuation are removed in decoding
     */
    record Rules(boolean addBos, boolean addEos, boolean addSpacePrefix, boolean cleanSpaces) {}

    private final Vocabulary vocabulary;
    private final TextTokenizer texts;
    private final SpecialSplitter splitter;
    private final Rules rules;

    ModelTokenizer(Vocabulary vocabulary, TextTokenizer texts, Rules rules) {
        this.vocabulary = vocabulary;
        this.texts = texts;
        this.splitter = new SpecialSplitter(vocabulary);
        this.rules = rules;
    }

    @Override
    public int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        IntStream.Builder target = IntStream.builder();
        if (addSpecial && addsBos()) {
            target.add(vocabulary.bos());
        }
        boolean afterSpecial = true;
        if (!text.isEmpty()) {
            for (SpecialSplitter.Fragment fragment : splitter.split(text, parseSpecial)) {
                if (fragment.token() >= 0) {
                    target.add(fragment.token());
                    afterSpecial = true;
                } else {
                    texts.tokenize(fragment.text(), afterSpecial, target);
                    afterSpecial = false;
                }
            }
        }
        if (addSpecial && rules.addEos() && vocabulary.eos() >= 0) {
            target.add(vocabulary.eos());
        }
        return target.build().toArray();
    }

    @Override
    public String decode(int[] tokens, boolean special) {
        return new String(decodeBytes(tokens, special), StandardCharsets.UTF_8);
    }

    @Override
    public byte[] decodeBytes(int[] tokens, boolean special) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < tokens.length; i++) {
            byte[] piece = piece(tokens[i], special);
            int from = i == 0 && rules.addSpacePrefix() && piece.length > 0 && piece[0] == ' ' ? 1 : 0;
            bytes.write(piece, from, piece.length - from);
        }
        return rules.cleanSpaces() ? SpaceCleaner.clean(bytes.toByteArray()) : bytes.toByteArray();
    }

    private byte[] piece(int token, boolean special) {
        if (vocabulary.isHidden(token)) {
            return special ? vocabulary.text(token).getBytes(StandardCharsets.UTF_8) : new byte[0];
        }
        return texts.bytes(token);
    }

    @Override
    public TokenDecoder newDecoder(boolean special) {
        return new StreamingDecoder(token -> piece(token, special), rules.addSpacePrefix());
    }

    @Override
    public String tokenText(int token) {
        return vocabulary.text(token);
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return vocabulary.isEnding(token);
    }

    @Override
    public OptionalInt bosToken() {
        return vocabulary.bos() < 0 ? OptionalInt.empty() : OptionalInt.of(vocabulary.bos());
    }

    @Override
    public OptionalInt eosToken() {
        return vocabulary.eos() < 0 ? OptionalInt.empty() : OptionalInt.of(vocabulary.eos());
    }

    @Override
    public boolean addsBos() {
        return rules.addBos() && vocabulary.bos() >= 0;
    }
}
