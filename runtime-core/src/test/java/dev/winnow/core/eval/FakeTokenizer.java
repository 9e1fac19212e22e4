package dev.winnow.core.eval;

import dev.winnow.api.TokenDecoder;
import dev.winnow.api.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** One token per byte of UTF-8, then BOS and EOS. */
final class FakeTokenizer implements Tokenizer {

    static final int BOS = 256;
    static final int EOS = 257;

    private final boolean addsBos;

    FakeTokenizer(boolean addsBos) {
        this.addsBos = addsBos;
    }

    @Override
    public int vocabularySize() {
        return 258;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int first = addSpecial && addsBos ? 1 : 0;
        int[] tokens = new int[first + bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            tokens[first + i] = Byte.toUnsignedInt(bytes[i]);
        }
        if (first == 1) {
            tokens[0] = BOS;
        }
        return tokens;
    }

    @Override
    public String decode(int[] tokens, boolean special) {
        return new String(decodeBytes(tokens, special), StandardCharsets.UTF_8);
    }

    @Override
    public byte[] decodeBytes(int[] tokens, boolean special) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int token : tokens) {
            if (token < 256) {
                bytes.write(token);
            } else if (special) {
                bytes.writeBytes(tokenText(token).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public TokenDecoder newDecoder(boolean special) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String tokenText(int token) {
        return token == BOS ? "<s>" : token == EOS ? "</s>" : String.valueOf((char) token);
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return token == EOS;
    }

    @Override
    public OptionalInt bosToken() {
        return OptionalInt.of(BOS);
    }

    @Override
    public OptionalInt eosToken() {
        return OptionalInt.of(EOS);
    }

    @Override
    public boolean addsBos() {
        return addsBos;
    }
}
