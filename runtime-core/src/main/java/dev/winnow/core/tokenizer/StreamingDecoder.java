package dev.winnow.core.tokenizer;

import dev.winnow.api.TokenDecoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Decodes tokens one by one; an unfinished UTF-8 sequence waits for more bytes. */
final class StreamingDecoder implements TokenDecoder {

    private final ByteDecoder bytes;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer waiting = ByteBuffer.allocate(64); // being filled

    StreamingDecoder(ByteDecoder bytes) {
        this.bytes = bytes;
    }

    @Override
    public String append(int token) {
        bytes.add(token);
        return decode(false);
    }

    @Override
    public String finish() {
        bytes.finish();
        return decode(true);
    }

    private String decode(boolean end) {
        byte[] piece = bytes.take();
        if (waiting.remaining() < piece.length) {
            waiting = ByteBuffer.allocate(2 * (waiting.position() + piece.length)).put(waiting.flip());
        }
        waiting.put(piece).flip();
        CharBuffer characters = CharBuffer.allocate(waiting.remaining() + 1);
        decoder.decode(waiting, characters, end);
        if (end) {
            decoder.flush(characters);
            decoder.reset();
        }
        waiting.compact();
        return characters.flip().toString();
    }
}
