package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.GgmlType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Writes a GGUF version 3 file. Tensors are described first and produced one by one while the file is written, so only one is in memory. The file appears under
 * its name when it is complete; a failure leaves nothing behind and an existing file untouched. Not thread-safe.
 */
public final class GgufWriter {

    private static final int VERSION = 3;
    private static final int CHUNK_BYTES = 1 << 20;

    private final GgufMetadata metadata;
    private final long alignment;
    private final List<Pending> tensors = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /** Starts a file with its metadata; {@code general.alignment}, when set, must be a u32 and a power of two. */
    public GgufWriter(GgufMetadata metadata) {
        this.metadata = metadata;
        this.alignment = metadata.alignment();
    }

    private record Pending(String name, TensorFormat format, List<Long> shape, long bytes, Supplier<MemorySegment> content) {}

    /** Adds a tensor whose bytes are already in the storage format; {@code shape} has 0 to 4 dimensions, dimension 0 (contiguous) first. */
    public GgufWriter add(String name, GgmlType type, List<Long> shape, MemorySegment data) {
        return add(name, TensorFormat.of(type), shape, () -> data);
    }

    /** Adds a tensor that is quantised when it is written; the values are in memory order. */
    public GgufWriter add(String name, GgmlType type, List<Long> shape, float[] values) {
        return add(name, type, shape, () -> values);
    }

    /** Adds a tensor whose values are asked for once, when it is written, and then quantised. */
    public GgufWriter add(String name, GgmlType type, List<Long> shape, Supplier<float[]> values) {
        return add(name, TensorFormat.of(type), shape, () -> quantize(type, values.get()));
    }

    /** Adds a tensor of an open file, byte for byte; any ggml format. */
    public GgufWriter add(GgufTensor tensor) {
        return add(tensor.name(), tensor.format(), tensor.shape(), tensor::data);
    }

    private GgufWriter add(String name, TensorFormat format, List<Long> shape, Supplier<MemorySegment> content) {
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

    private static MemorySegment quantize(GgmlType type, float[] values) {
        MemorySegment encoded = MemorySegment.ofArray(new byte[Math.toIntExact(type.byteSize(values.length))]);
        GgmlQuantizer.quantize(type, values, 0, values.length, encoded, 0);
        return encoded;
    }

    /**
     * Writes the file, replacing an existing one.
     *
     * @throws WinnowException of kind USAGE when the file cannot be written
     */
    public void write(Path target) {
        Path absolute = target.toAbsolutePath();
        Path temporary = absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeContent(channel);
                channel.force(true);
            }
            move(temporary, absolute);
        } catch (IOException | UncheckedIOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The file " + target + " cannot be written (" + e.getMessage()
                    + "); check that its folder exists, is writable and has enough free space.", e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Removes what a failure left; after a success the file has its final name already. */
    private static void deleteQuietly(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            System.getLogger(GgufWriter.class.getName()).log(System.Logger.Level.WARNING, "The temporary file {0} could not be deleted.",
                    temporary);
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
            MemorySegment data = tensor.content().get();
            if (data.byteSize() != tensor.bytes()) {
                throw new IllegalArgumentException(
                        "the tensor " + tensor.name() + " has " + data.byteSize() + " bytes but its shape and type need " + tensor.bytes());
            }
            writeAll(channel, data);
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

    private static void writeAll(FileChannel channel, MemorySegment bytes) throws IOException {
        for (long position = 0; position < bytes.byteSize(); position += CHUNK_BYTES) {
            ByteBuffer buffer = bytes.asSlice(position, Math.min(CHUNK_BYTES, bytes.byteSize() - position)).asByteBuffer();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }
}
