package dev.winnow.core.tokenizer;

import dev.winnow.api.TokenDecoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/** Decodes tokens one by one; an unfinished UTF-8 sequence waits for more bytes. */
final class StreamingDecoder implements TokenDecoder {

    private final IntFunction<byte[]> pieces;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer waiting = ByteBuffer.allocate(64);
    private boolean dropSpace;

    StreamingDecoder(IntFunction<byte[]> pieces, boolean dropFirstSpace) {
        this.pieces = pieces;
        this.dropSpace = dropFirstSpace;
    }

    @Override
    public String append(int token) {
        byte[] piece = pieces.apply(token);
        int from = dropSpace && piece.length > 0 && piece[0] == ' ' ? 1 : 0;
        dropSpace = false;
        if (waiting.remaining() < piece.length) {
            waiting = ByteBuffer.allocate(2 * (waiting.position() + piece.length)).put(waiting.flip());
        }
        waiting.put(piece, from, piece.length - from);
        return decode(false);
    }

    @Override
    public String finish() {
        return decode(true);
    }

    private String decode(boolean end) {
        waiting.flip();
        CharBuffer characters = CharBuffer.allocate(waiting.remaining() + 4);
        decoder.decode(waiting, characters, end);
        if (end) {
            decoder.flush(characters);
            decoder.reset();
        }
        waiting.compact();
        return characters.flip().toString();
    }
}
