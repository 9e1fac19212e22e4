package dev.winnow.core.tokenizer;

import dev.winnow.api.TokenDecoder;
import dev.winnow.api.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
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

    private static final byte[] NOTHING = new byte[0];

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
        return encode(text, addSpecial, parseSpecial, new BitSet());
    }

    /** As above; tokens that shape the dialogue are not found where they touch a character that a user wrote. */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial, BitSet messages) {
        IntStream.Builder target = IntStream.builder();
        if (addSpecial && addsBos()) {
            target.add(vocabulary.bos());
        }
        String wellFormed = Utf8.wellFormed(text);
        boolean afterSpecial = true;
        int start = 0;
        for (SpecialSplitter.Found found : splitter.find(wellFormed, parseSpecial, messages)) {
            if (found.start() > start) {
                texts.tokenize(wellFormed.substring(start, found.start()), afterSpecial, target);
            }
            target.add(found.token());
            afterSpecial = true;
            start = found.end();
        }
        if (start < wellFormed.length()) {
            texts.tokenize(wellFormed.substring(start), afterSpecial, target);
        }
        if (addSpecial && rules.addEos() && vocabulary.eos() != Vocabulary.NONE) {
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
        ByteDecoder decoder = new ByteDecoder(this, special);
        for (int token : tokens) {
            decoder.add(token);
        }
        decoder.finish();
        return decoder.take();
    }

    /** Returns the bytes of one token, for {@link ByteDecoder}. */
    byte[] piece(int token, boolean special) {
        String text = vocabulary.text(token);
        if (vocabulary.has(token, TokenMark.CONTROL | TokenMark.UNKNOWN)) {
            return special ? text.getBytes(StandardCharsets.UTF_8) : NOTHING;
        }
        if (vocabulary.has(token, TokenMark.USER_DEFINED)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        if (vocabulary.has(token, TokenMark.BYTE)) {
            return ByteTokens.parse(text);
        }
        return vocabulary.has(token, TokenMark.NORMAL) ? texts.bytes(token) : NOTHING;
    }

    boolean addsSpacePrefix() {
        return rules.addSpacePrefix();
    }

    boolean cleansSpaces() {
        return rules.cleanSpaces();
    }

    @Override
    public TokenDecoder newDecoder(boolean special) {
        return new StreamingDecoder(new ByteDecoder(this, special));
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
        return vocabulary.bos() == Vocabulary.NONE ? OptionalInt.empty() : OptionalInt.of(vocabulary.bos());
    }

    @Override
    public OptionalInt eosToken() {
        return vocabulary.eos() == Vocabulary.NONE ? OptionalInt.empty() : OptionalInt.of(vocabulary.eos());
    }

    @Override
    public boolean addsBos() {
        return rules.addBos() && vocabulary.bos() != Vocabulary.NONE;
    }
}
