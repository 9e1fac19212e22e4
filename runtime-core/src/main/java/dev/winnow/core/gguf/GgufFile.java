package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An open GGUF model: one file, or all files of a split model, mapped into memory. Opening reads and checks the headers only; tensor data is read when it is
 * used. Thread-safe; after {@link #close} every view of metadata and tensors throws {@link IllegalStateException}.
 */
public final class GgufFile implements AutoCloseable {

    private final List<Path> files;
    private final Arena arena;
    private final GgufParser.Part first;
    private final List<GgufTensor> tensors;
    private final Map<String, GgufTensor> byName;

    private GgufFile(Arena arena, GgufParser.Part first, SplitFiles.Whole whole) {
        this.files = List.copyOf(whole.files());
        this.arena = arena;
        this.first = first;
        this.tensors = List.copyOf(whole.tensors());
        this.byName = HashMap.newHashMap(tensors.size());
        for (GgufTensor tensor : tensors) {
            byName.put(tensor.name(), tensor);
        }
    }

    /**
     * Opens a model. For a split model, {@code path} is the first file ({@code NAME-00001-of-0000N.gguf}) and the others lie beside it.
     *
     * @throws WinnowException with one sentence when the file is missing, malformed or incomplete
     */
    @SuppressWarnings("MustBeClosedChecker") // The opened file owns the arena and closes it.
    public static GgufFile open(Path path) {
        Arena arena = Arena.ofShared();
        try {
            GgufParser.Part first = readPart(path, arena);
            return new GgufFile(arena, first, SplitFiles.collect(path, first, arena));
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    static GgufParser.Part readPart(Path path, Arena arena) {
        if (path.toString().isEmpty()) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The path of the model is empty; give the path of a GGUF file.");
        }
        if (!Files.exists(path)) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The model file " + path + " does not exist; check the path.");
        }
        if (Files.isDirectory(path)) {
            throw new WinnowException(WinnowException.Kind.MODEL, path + " is a directory; give the path of a GGUF file.");
        }
        if (!Files.isRegularFile(path)) {
            throw new WinnowException(WinnowException.Kind.MODEL, path + " is not a regular file; give the path of a GGUF file.");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return GgufParser.parse(path, mapped);
        } catch (AccessDeniedException e) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The model file " + path + " may not be read; check its permissions.", e);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.MODEL,
                    "The model file " + path + " cannot be read (" + e.getMessage() + "); check the disk.", e);
        }
    }

    /** Returns the path that was opened. */
    public Path path() {
        return files.getFirst();
    }

    /** Returns the files of the model in order: one, or all of a split model. */
    public List<Path> files() {
        return files;
    }

    /** Returns the GGUF version of the (first) file: 2 or 3. */
    public int version() {
        return first.version();
    }

    /** Returns the alignment of tensor data in bytes, a power of two. */
    public long alignment() {
        return first.alignment();
    }

    /** Returns the metadata, of a split model that of the first file. */
    public GgufMetadata metadata() {
        return first.metadata();
    }

    /** Returns every tensor in file order, of a split model those of all files. */
    public List<GgufTensor> tensors() {
        return tensors;
    }

    /** Returns the tensor with a name, if there is one. */
    public Optional<GgufTensor> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Unmaps the file. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
