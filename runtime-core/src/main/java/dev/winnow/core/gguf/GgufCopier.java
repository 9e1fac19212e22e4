package dev.winnow.core.gguf;

import java.nio.file.Path;
import java.util.List;

/** Copies a model with changed metadata; tensors are copied byte for byte and in order. Stateless. */
public final class GgufCopier {

    private GgufCopier() {}

    /**
     * Writes {@code source} with the edits applied in order to {@code target}, which may be the path of the source. A split model becomes one file, so its
     * {@code split.*} keys are dropped. A key that is set again keeps its place; a new key comes last.
     *
     * @throws dev.winnow.api.WinnowException when the target cannot be written; nothing is left half-written
     */
    public static void annotate(GgufFile source, Path target, List<MetadataEdit> edits) {
        GgufMetadata.Builder metadata = source.metadata().toBuilder();
        metadata.remove(SplitFiles.NUMBER).remove(SplitFiles.COUNT).remove(SplitFiles.TENSORS);
        for (MetadataEdit edit : edits) {
            GgufValue value = edit.value();
            if (value == null) {
                metadata.remove(edit.key());
            } else {
                metadata.set(edit.key(), value);
            }
        }
        GgufWriter writer = new GgufWriter(metadata.build());
        source.tensors().forEach(writer::add);
        writer.write(target);
    }
}
