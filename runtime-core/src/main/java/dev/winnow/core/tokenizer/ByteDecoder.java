package dev.winnow.core.tokenizer;

import java.io.ByteArrayOutputStream;

/** Turns tokens into the bytes of a text, one by one. Bytes that later ones can still remove wait. */
final class ByteDecoder {

    private final ModelTokenizer tokenizer;
    private final boolean special;
    private final SpaceCleaner cleaner = new SpaceCleaner();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private boolean first = true;

    ByteDecoder(ModelTokenizer tokenizer, boolean special) {
        this.tokenizer = tokenizer;
        this.special = special;
    }

    void add(int token) {
        byte[] piece = tokenizer.piece(token, special);
        int start = first && tokenizer.addsSpacePrefix() && piece.length > 0 && piece[0] == ' ' ? 1 : 0;
        first = false;
        if (tokenizer.cleansSpaces()) {
            cleaner.add(piece, start, piece.length);
        } else {
            output.write(piece, start, piece.length - start);
        }
    }

    /** Ends the text, and begins the next one. */
    void finish() {
        cleaner.finish();
        first = true;
    }

    /** Returns what is final since the last call. */
    byte[] take() {
        if (tokenizer.cleansSpaces()) {
            return cleaner.take();
        }
        byte[] bytes = output.toByteArray();
        output.reset();
        return bytes;
    }
}
