package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Copies a model with changed metadata; tensors are copied byte for byte and in order. Stateless. */
public final class GgufCopier {

    private GgufCopier() {}

    /**
     * Writes {@code source} with the edits applied in order to {@code target}, which is none of the source's own files. A split model becomes one file, so its
     * {@code split.*} keys are dropped. A key that is set again keeps its place; a new key comes last.
     *
     * @throws WinnowException of kind USAGE when the target is a file of the source, a key to remove is absent, or the target cannot be written; nothing is left
     *         half-written
     */
    public static void annotate(GgufFile source, Path target, List<MetadataEdit> edits) {
        requireOther(source, target);
        GgufMetadata.Builder metadata = source.metadata().toBuilder();
        metadata.remove(SplitFiles.NUMBER).remove(SplitFiles.COUNT).remove(SplitFiles.TENSORS);
        for (MetadataEdit edit : edits) {
            GgufValue value = edit.value();
            if (value != null) {
                metadata.set(edit.key(), value);
            } else if (source.metadata().keys().contains(edit.key())) {
                metadata.remove(edit.key());
            } else {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "The key '" + edit.key() + "' cannot be removed, because " + source.path() + " does not have it.");
            }
        }
        GgufWriter writer = writer(metadata.build());
        source.tensors().forEach(writer::add);
        writer.write(target);
    }

    private static GgufWriter writer(GgufMetadata metadata) {
        try {
            return new GgufWriter(metadata);
        } catch (WinnowException e) { // the alignment, which the user has changed
            throw new WinnowException(WinnowException.Kind.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Checks that a target is none of the source's own files.
     *
     * @throws WinnowException of kind USAGE if it is one
     */
    public static void requireOther(GgufFile source, Path target) {
        source.files().forEach(file -> requireOther(file, target));
    }

    private static void requireOther(Path source, Path target) {
        try {
            if (Files.exists(target) && Files.isSameFile(source, target)) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "The file " + target + " is the model itself, which is never changed in place; give the copy another name.");
            }
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The file " + target + " cannot be looked at (" + e.getMessage() + ").",
                    e);
        }
    }
}
