package dev.winnow.core.eval;

import dev.winnow.api.WinnowException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Reads a file of {@link KldFormat}, position by position. Not thread-safe. */
final class KldReader implements AutoCloseable {

    private final Path file;
    private final FileChannel channel;
    private final int vocabularySize;
    private final TextChunks chunks;
    private final ByteBuffer position; // one position

    /**
     * Opens a file.
     *
     * @throws WinnowException if it cannot be read or is no such file
     */
    KldReader(Path file) {
        this.file = file;
        if (!Files.isRegularFile(file)) {
            throw damaged("is not a file");
        }
        try {
            channel = FileChannel.open(file);
        } catch (IOException e) {
            throw failed(e);
        }
        try {
            ByteBuffer head = read(ByteBuffer.allocate(KldFormat.HEADER_BYTES));
            byte[] magic = new byte[KldFormat.MAGIC.length()];
            head.get(magic);
            if (!KldFormat.MAGIC.equals(new String(magic, StandardCharsets.US_ASCII))) {
                throw damaged("does not begin with " + KldFormat.MAGIC);
            }
            int contextLength = head.getInt();
            vocabularySize = head.getInt();
            int count = head.getInt();
            checkSize(contextLength, vocabularySize, count);
            ByteBuffer tokens = read(ByteBuffer.allocate(Math.multiplyExact(Integer.BYTES, Math.multiplyExact(contextLength, count))));
            chunks = new TextChunks(tokens(tokens, vocabularySize), contextLength, count);
            position = ByteBuffer.allocate(KldFormat.positionBytes(vocabularySize));
        } catch (EOFException e) {
            close();
            throw damaged("ends within its header; it was cut off, or is another kind of file");
        } catch (IOException | ArithmeticException e) {
            close();
            throw failed(e);
        } catch (WinnowException e) {
            close();
            throw e;
        }
    }

    private void checkSize(int contextLength, int vocabulary, int count) throws IOException {
        if (contextLength < TextChunks.SHORTEST || vocabulary < 1 || vocabulary > 1 << 28 || count < 1) {
            throw damaged("has a context of " + contextLength + ", a vocabulary of " + vocabulary + " and " + count
                    + " chunks in its header, which cannot be");
        }
        // In double, because the product of a damaged header's numbers need not fit into a long; sizes of real files are exact.
        double expected = KldFormat.HEADER_BYTES
                + (double) count * (4.0 * contextLength
                        + (double) KldFormat.positionsPerChunk(contextLength) * KldFormat.positionBytes(vocabulary));
        if (channel.size() != expected) {
            throw damaged("has " + channel.size() + " bytes, but its header asks for " + String.format(Locale.ROOT, "%.0f", expected)
                    + "; it was cut off or damaged, so write it again");
        }
    }

    private int[] tokens(ByteBuffer bytes, int vocabulary) {
        int[] tokens = new int[bytes.remaining() / Integer.BYTES];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = bytes.getInt();
            if (tokens[i] < 0 || tokens[i] >= vocabulary) {
                throw damaged("has the token " + tokens[i] + ", but only " + vocabulary + " tokens exist");
            }
        }
        return tokens;
    }

    /** Returns the text. */
    TextChunks chunks() {
        return chunks;
    }

    /** Returns the number of tokens of the vocabulary. */
    int vocabularySize() {
        return vocabularySize;
    }

    /**
     * Reads the log-probabilities of the next position.
     *
     * @param logProbabilities [vocabulary size], overwritten
     */
    void next(float[] logProbabilities) {
        try {
            ByteBuffer bytes = read(position.clear());
            float scale = bytes.getFloat();
            float minimum = bytes.getFloat();
            for (int token = 0; token < vocabularySize; token++) {
                logProbabilities[token] = scale * Short.toUnsignedInt(bytes.getShort()) + minimum;
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private ByteBuffer read(ByteBuffer bytes) throws IOException {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the file ends too early");
            }
        }
        return bytes.flip();
    }

    private WinnowException damaged(String what) {
        return new WinnowException(WinnowException.Kind.USAGE, "The file of log-probabilities " + file + " " + what + ".");
    }

    private WinnowException failed(Exception e) {
        return new WinnowException(WinnowException.Kind.USAGE, "The file of log-probabilities " + file + " cannot be read: " + e + ".", e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
