package dev.winnow.core.eval;

import dev.winnow.api.WinnowException;
import dev.winnow.core.io.UnfinishedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes a file of {@link KldFormat}: under another name beside it until it is whole. Not thread-safe. */
final class KldWriter implements AutoCloseable {

    private final Path file;
    private final UnfinishedFile unfinished;
    private final FileChannel channel;
    private final ByteBuffer position; // one position

    /**
     * Begins a file.
     *
     * @throws WinnowException if it cannot be written
     */
    KldWriter(Path file, TextChunks chunks, int vocabularySize) {
        this.file = file;
        unfinished = new UnfinishedFile(file);
        position = ByteBuffer.allocate(KldFormat.positionBytes(vocabularySize)).order(ByteOrder.LITTLE_ENDIAN);
        int tokenCount = chunks.count() * chunks.length();
        ByteBuffer head = ByteBuffer.allocate(KldFormat.HEADER_BYTES + Integer.BYTES * tokenCount)
                .order(ByteOrder.LITTLE_ENDIAN);
        head.put(KldFormat.MAGIC.getBytes(StandardCharsets.US_ASCII));
        head.putInt(chunks.length()).putInt(vocabularySize).putInt(chunks.count());
        for (int i = 0; i < tokenCount; i++) {
            head.putInt(chunks.token(i));
        }
        UnfinishedFile.check("file of log-probabilities", file);
        try {
            channel = FileChannel.open(unfinished.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw failed(e);
        }
        try {
            write(head.flip());
        } catch (IOException e) {
            close();
            throw failed(e);
        }
    }

    /**
     * Writes the log-probabilities of the next position. The arithmetic is llama-perplexity's, in float.
     *
     * @param logits [vocabulary size]
     * @param next   the token that follows in the text
     * @return −ln p(next)
     * @throws WinnowException if the file cannot be written
     */
    double write(float[] logits, int next) {
        LogSoftmax softmax = LogSoftmax.of(logits);
        float lowest = Math.max(softmax.minimum(), softmax.maximum() - KldFormat.RANGE);
        float logSumExp = (float) softmax.logSumExp();
        float scale = (softmax.maximum() - lowest) / KldFormat.LARGEST_CODE;
        float inverse = scale == 0 ? 0 : 1 / scale;
        position.clear();
        position.putFloat(scale).putFloat(lowest - softmax.maximum() - logSumExp);
        for (float logit : logits) {
            // rint rounds halves to even, as the addition of 1.5 * 2^23 in llama.cpp does
            position.putShort((short) (logit > lowest ? (int) Math.rint(inverse * (logit - lowest)) : 0));
        }
        while (position.hasRemaining()) {
            position.putShort((short) 0);
        }
        try {
            write(position.flip());
        } catch (IOException e) {
            throw failed(e);
        }
        return softmax.maximum() + logSumExp - logits[next];
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private WinnowException failed(IOException e) {
        return new WinnowException(WinnowException.Kind.USAGE, "The file of log-probabilities " + file + " cannot be written: "
                + UnfinishedFile.reason(e) + ".", e);
    }

    /**
     * Gives the file its name, in the place of an older one.
     *
     * @throws WinnowException if this fails
     */
    void finish() {
        try {
            channel.close();
            unfinished.finish();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Deletes what was written if {@link #finish} was not called. */
    @Override
    public void close() {
        try (unfinished) {
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
