package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;

/** Finds and joins the files of a model that was split by llama.cpp's gguf-split. */
final class SplitFiles {

    static final String NUMBER = "split.no";
    static final String COUNT = "split.count";
    static final String TENSORS = "split.tensors.count";

    private SplitFiles() {}

    /**
     * What the files of a model hold together.
     *
     * @param files   the files in order
     * @param tensors the tensors of all files in order
     */
    record Whole(List<Path> files, List<GgufTensor> tensors) {}

    /** Joins the files of a model; a model that is not split is its only file. */
    static Whole collect(Path path, GgufParser.Part first, Arena arena) {
        long count = integer(path, first, COUNT).orElse(1);
        if (count <= 1) {
            return new Whole(List.of(path), first.tensors());
        }
        if (count > 0xFFFF) {
            throw GgufInput.failure(path, " has split.count " + count + ", which is more than 65535");
        }
        requireNumber(path, first, 0);
        long expected = integer(path, first, TENSORS)
                .orElseThrow(() -> GgufInput.failure(path, " is part of a split model but has no key split.tensors.count"));
        Path fileName = path.getFileName();
        String suffix = suffix(0, count);
        if (fileName == null || !fileName.toString().endsWith(suffix)) {
            throw new WinnowException(WinnowException.Kind.MODEL,
                    path + " is the first of " + count + " files of a split model but its name does not end in " + suffix
                            + "; rename the files to the names they had when they were split.");
        }
        String prefix = fileName.toString().substring(0, fileName.toString().length() - suffix.length());
        List<Path> files = new ArrayList<>(List.of(path));
        List<GgufTensor> tensors = new ArrayList<>();
        Set<String> names = new HashSet<>();
        add(path, first, tensors, names);
        for (int number = 1; number < count; number++) {
            Path sibling = path.resolveSibling(prefix + suffix(number, count));
            if (!Files.exists(sibling)) {
                throw new WinnowException(WinnowException.Kind.MODEL,
                        "Part " + (number + 1) + " of the " + count + " files of the model " + path
                                + " is missing: put " + sibling.getFileName() + " beside it.");
            }
            GgufParser.Part part = GgufFile.readPart(sibling, arena);
            requireNumber(sibling, part, number);
            add(sibling, part, tensors, names);
            files.add(sibling);
        }
        if (tensors.size() != expected) {
            throw GgufInput.failure(path, " is a split model with " + tensors.size() + " tensors but split.tensors.count says " + expected);
        }
        return new Whole(files, tensors);
    }

    private static void add(Path path, GgufParser.Part part, List<GgufTensor> tensors, Set<String> names) {
        for (GgufTensor tensor : part.tensors()) {
            if (!names.add(tensor.name())) {
                throw GgufInput.failure(path, " repeats the tensor " + tensor.name() + " of an earlier file of the split model");
            }
            tensors.add(tensor);
        }
    }

    private static void requireNumber(Path path, GgufParser.Part part, long expected) {
        OptionalLong number = integer(path, part, NUMBER);
        if (number.isEmpty() || number.getAsLong() != expected) {
            String actual = number.isEmpty() ? "no split.no" : "split.no " + number.getAsLong();
            throw new WinnowException(WinnowException.Kind.MODEL,
                    path + " is part of a split model and has " + actual + " where " + expected
                            + " is expected; open the file that ends in -00001-of-N.gguf and keep the original file names.");
        }
    }

    private static OptionalLong integer(Path path, GgufParser.Part part, String key) {
        try {
            return part.metadata().integer(key);
        } catch (WinnowException e) {
            throw GgufInput.failure(path, " is not a valid GGUF file: " + e.getMessage());
        }
    }

    private static String suffix(int number, long count) {
        return String.format(Locale.ROOT, "-%05d-of-%05d.gguf", number + 1, count);
    }
}
