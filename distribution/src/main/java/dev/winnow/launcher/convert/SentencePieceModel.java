package dev.winnow.launcher.convert;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the parts of a {@code tokenizer.model} that GGUF keeps. It is a protocol buffer: sentencepiece_model.proto. */
final class SentencePieceModel {

    private static final int BPE = 2;
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final Path file;
    private final TokenTable tokens = new TokenTable();
    private int modelType = 1; // unigram, the default of the format
    private boolean addSpacePrefix = true;

    private SentencePieceModel(Path file) {
        this.file = file;
    }

    static SentencePieceModel read(Path file) {
        SentencePieceModel model = new SentencePieceModel(file);
        try {
            ByteBuffer whole = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            while (whole.hasRemaining()) {
                model.part(whole);
            }
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The file " + file + " cannot be read; check its permissions.", e);
        } catch (BufferUnderflowException e) {
            throw model.damaged();
        }
        if (model.tokens.size() == 0) {
            throw model.damaged();
        }
        if (model.modelType != BPE) {
            throw Defects.unsupported(
                    "The vocabulary in " + file + " is not of SentencePiece's kind BPE, which is the only one that is converted");
        }
        return model;
    }

    private WinnowException damaged() {
        return Defects.in(file, "is not a vocabulary of SentencePiece, or damaged");
    }

    TokenTable tokens() {
        return tokens;
    }

    boolean addSpacePrefix() {
        return addSpacePrefix;
    }

    private void part(ByteBuffer in) {
        long tag = varint(in);
        switch ((int) (tag >>> 3)) {
            case 1 -> piece(message(in, tag));
            case 2 -> trainer(message(in, tag));
            case 3 -> normalizer(message(in, tag));
            default -> skip(in, tag);
        }
    }

    private void piece(ByteBuffer in) {
        String text = "";
        float score = 0;
        int type = TokenTable.NORMAL;
        while (in.hasRemaining()) {
            long tag = varint(in);
            switch ((int) (tag >>> 3)) {
                case 1 -> text = StandardCharsets.UTF_8.decode(message(in, tag)).toString();
                case 2 -> score = in.getFloat();
                case 3 -> type = (int) varint(in);
                default -> skip(in, tag);
            }
        }
        tokens.set(tokens.size(), text, type, score);
    }

    private void trainer(ByteBuffer in) {
        while (in.hasRemaining()) {
            long tag = varint(in);
            if (tag >>> 3 == 3) {
                modelType = (int) varint(in);
            } else {
                skip(in, tag);
            }
        }
    }

    private void normalizer(ByteBuffer in) {
        while (in.hasRemaining()) {
            long tag = varint(in);
            if (tag >>> 3 == 3) {
                addSpacePrefix = varint(in) != 0;
            } else {
                skip(in, tag);
            }
        }
    }

    private long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte part = in.get();
            value |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw damaged();
    }

    private ByteBuffer message(ByteBuffer in, long tag) {
        if ((tag & 7) != BYTES) {
            throw damaged();
        }
        long length = varint(in);
        if (length < 0 || length > in.remaining()) {
            throw damaged();
        }
        ByteBuffer slice = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) length);
        return slice;
    }

    private void skip(ByteBuffer in, long tag) {
        switch ((int) (tag & 7)) {
            case VARINT -> varint(in);
            case FIXED64 -> in.getLong();
            case BYTES -> message(in, tag);
            case FIXED32 -> in.getInt();
            default -> throw damaged();
        }
    }
}
