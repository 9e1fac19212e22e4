package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import dev.winnow.core.io.UnfinishedFile;
import dev.winnow.spi.GgmlType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a GGUF version 3 file. Tensors are described first and produced one by one while the file is written, so only one is in memory. The file appears under
 * its name when it is complete; a failure leaves nothing behind and an existing file untouched. Not thread-safe.
 */
public final class GgufWriter {

    private static final int VERSION = 3;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int CHUNK_VALUES = 1 << 18;

    private final GgufMetadata metadata;
    private final long alignment;
    private final List<Pending> tensors = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /** Starts a file with its metadata; {@code general.alignment}, when set, must be a u32 and a power of two. */
    public GgufWriter(GgufMetadata metadata) {
        this.metadata = metadata;
        this.alignment = metadata.alignment();
    }

    /** Produces the values of a tensor, some rows at a time. */
    @FunctionalInterface
    public interface RowSource {
        /** Fills {@code target} with {@code count} rows from {@code first}; a row is dimension 0, and rows of higher dimensions follow each other. */
        void read(long first, int count, float[] target);
    }

    /** Writes the bytes of one tensor and returns how many. */
    @FunctionalInterface
    private interface Content {
        long write(FileChannel channel) throws IOException;
    }

    private record Pending(String name, TensorFormat format, List<Long> shape, long bytes, Content content) {}

    /** Adds a tensor whose bytes are already in the storage format; {@code shape} has 0 to 4 dimensions, dimension 0 (contiguous) first. */
    public GgufWriter add(String name, GgmlType type, List<Long> shape, MemorySegment data) {
        return add(name, TensorFormat.of(type), shape, channel -> writeAll(channel, data));
    }

    /** Adds a tensor that is quantised when it is written; the values are in memory order. */
    public GgufWriter add(String name, GgmlType type, List<Long> shape, float[] values) {
        int row = shape.isEmpty() ? 1 : Math.toIntExact(shape.getFirst());
        return add(name, type, shape,
                (first, count, target) -> System.arraycopy(values, Math.toIntExact(first * row), target, 0, count * row));
    }

    /** Adds a tensor whose rows are asked for once, in order, when it is written, and then quantised: about a megabyte of it is in memory at a time. */
    public GgufWriter add(String name, GgmlType type, List<Long> shape, RowSource rows) {
        return add(name, TensorFormat.of(type), shape, channel -> writeRows(channel, type, shape, rows));
    }

    /** Adds a tensor of an open file, byte for byte; any ggml format. */
    public GgufWriter add(GgufTensor tensor) {
        return add(tensor.name(), tensor.format(), tensor.shape(), channel -> writeAll(channel, tensor.data()));
    }

    private GgufWriter add(String name, TensorFormat format, List<Long> shape, Content content) {
        if (GgufOutput.utf8(name).length > GgufParser.MAX_TENSOR_NAME) {
            throw new IllegalArgumentException("the tensor name " + name + " is longer than " + GgufParser.MAX_TENSOR_NAME + " bytes");
        }
        if (shape.size() > GgufParser.MAX_DIMENSIONS) {
            throw new IllegalArgumentException("the tensor " + name + " has more than " + GgufParser.MAX_DIMENSIONS + " dimensions");
        }
        if (!names.add(name)) {
            throw new IllegalArgumentException("the tensor " + name + " is added twice");
        }
        tensors.add(new Pending(name, format, List.copyOf(shape), TensorShapes.byteSize(format, shape), content));
        return this;
    }

    private static long writeRows(FileChannel channel, GgmlType type, List<Long> shape, RowSource source) throws IOException {
        int row = shape.isEmpty() ? 1 : Math.toIntExact(shape.getFirst());
        long rows = shape.stream().skip(1).reduce(1L, (a, b) -> a * b);
        int most = (int) Math.min(rows, Math.max(1, CHUNK_VALUES / Math.max(1, row)));
        float[] values = new float[Math.multiplyExact(most, row)];
        MemorySegment encoded = MemorySegment.ofArray(new byte[Math.toIntExact(type.byteSize(values.length))]);
        long written = 0;
        for (long first = 0; first < rows; first += most) {
            int count = (int) Math.min(most, rows - first);
            source.read(first, count, values);
            GgmlQuantizer.quantize(type, values, 0, count * row, encoded, 0);
            written += writeAll(channel, encoded.asSlice(0, type.byteSize((long) count * row)));
        }
        return written;
    }

    /**
     * Writes the file, replacing an existing one.
     *
     * @throws WinnowException of kind USAGE when the file cannot be written
     */
    public void write(Path target) {
        try (UnfinishedFile file = new UnfinishedFile(target)) {
            try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeContent(channel);
                channel.force(true);
            }
            file.finish();
        } catch (IOException | UncheckedIOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The file " + target + " cannot be written (" + UnfinishedFile.reason(e)
                    + "); check that its folder exists, is writable and has enough free space.", e);
        }
    }

    private void writeContent(FileChannel channel) throws IOException {
        GgufOutput header = new GgufOutput();
        header.writeInt(GgufParser.MAGIC);
        header.writeInt(VERSION);
        header.writeLong(tensors.size());
        header.writeLong(metadata.values().size());
        metadata.values().forEach(header::writeKeyValue);
        long offset = 0;
        for (Pending tensor : tensors) {
            header.writeTensor(tensor.name(), tensor.format(), tensor.shape(), offset);
            offset = TensorShapes.align(offset + tensor.bytes(), alignment);
        }
        writeAll(channel, header.toSegment());
        for (Pending tensor : tensors) {
            pad(channel);
            long written = tensor.content().write(channel);
            if (written != tensor.bytes()) {
                throw new IllegalArgumentException(
                        "the tensor " + tensor.name() + " has " + written + " bytes but its shape and type need " + tensor.bytes());
            }
        }
        pad(channel);
    }

    private void pad(FileChannel channel) throws IOException {
        long missing = TensorShapes.align(channel.position(), alignment) - channel.position();
        while (missing > 0) {
            int chunk = (int) Math.min(missing, CHUNK_BYTES);
            writeAll(channel, MemorySegment.ofArray(new byte[chunk]));
            missing -= chunk;
        }
    }

    private static long writeAll(FileChannel channel, MemorySegment bytes) throws IOException {
        for (long position = 0; position < bytes.byteSize(); position += CHUNK_BYTES) {
            ByteBuffer buffer = bytes.asSlice(position, Math.min(CHUNK_BYTES, bytes.byteSize() - position)).asByteBuffer();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
        return bytes.byteSize();
    }
}
