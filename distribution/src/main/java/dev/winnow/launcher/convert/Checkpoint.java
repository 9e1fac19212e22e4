package dev.winnow.launcher.convert;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The weights of a checkpoint: one safetensors file, or several that {@code model.safetensors.index.json} lists. Mapped, not read, when it is opened. */
final class Checkpoint implements AutoCloseable {

    private static final String INDEX = "model.safetensors.index.json";
    private static final String SINGLE = "model.safetensors";

    private final Arena arena;
    private final Map<String, StoredTensor> tensors;

    private Checkpoint(Arena arena, Map<String, StoredTensor> tensors) {
        this.arena = arena;
        this.tensors = tensors;
    }

    /** Opens the weights in a folder. */
    @SuppressWarnings("MustBeClosedChecker") // the checkpoint owns the arena and closes it
    static Checkpoint open(Path folder) {
        Arena arena = Arena.ofShared();
        try {
            Path index = folder.resolve(INDEX);
            return new Checkpoint(arena,
                    Files.exists(index) ? sharded(folder, JsonObject.read(index), arena) : byName(single(folder), arena));
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static Path single(Path folder) {
        Path usual = folder.resolve(SINGLE);
        if (Files.exists(usual)) {
            return usual;
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
            if (found.size() == 1) {
                return found.getFirst();
            }
            throw Defects.in(folder,
                    "has " + (found.isEmpty() ? "no weights" : found.size() + " weight files without an index") + ": expected is "
                            + SINGLE + ", or several files with " + INDEX + "; other formats than safetensors are not read");
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The folder " + folder + " cannot be listed; check its permissions.", e);
        }
    }

    private static Map<String, StoredTensor> byName(Path file, Arena arena) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        SafetensorsFile.read(file, arena).forEach(tensor -> tensors.put(tensor.name(), tensor));
        return tensors;
    }

    private static Map<String, StoredTensor> sharded(Path folder, JsonObject index, Arena arena) {
        JsonObject places = index.object("weight_map").orElseThrow(() -> index.missing("weight_map"));
        Map<String, Map<String, StoredTensor>> shards = new TreeMap<>();
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (String name : places.entries().stream().map(Map.Entry::getKey).toList()) {
            String shard = places.text(name).orElseThrow(() -> places.wrong(name, "a file name"));
            if (shard.contains("/") || shard.contains("\\") || shard.isEmpty()) {
                throw places.wrong(name, "the name of a file in the same folder");
            }
            StoredTensor tensor = shards.computeIfAbsent(shard, file -> byName(folder.resolve(file), arena)).get(name);
            if (tensor == null) {
                throw Defects.in(folder.resolve(shard), "has no tensor '" + name + "', but " + INDEX + " says so");
            }
            tensors.put(name, tensor);
        }
        return tensors;
    }

    @Nullable
    StoredTensor find(String name) {
        return tensors.get(name);
    }

    /** Returns the names of all tensors. */
    Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public void close() {
        arena.close();
    }
}
