package dev.winnow.core.gguf;

import dev.winnow.spi.GgmlType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Every storage format that ggml knows, also those that Winnow cannot compute with but shows in a file. */
final class GgmlTypes {

    /**
     * A storage format.
     *
     * @param name      ggml's name
     * @param blockSize elements in a block
     * @param bytes     bytes of a block
     */
    record Format(String name, int blockSize, int bytes) {}

    private static final Map<Integer, Format> FORMATS = formats();

    private GgmlTypes() {}

    private static Map<Integer, Format> formats() {
        Map<Integer, Format> formats = new HashMap<>();
        for (GgmlType type : GgmlType.values()) {
            formats.put(type.id(), new Format(type.name(), type.blockSize(), type.blockBytes()));
        }
        formats.put(9, new Format("Q8_1", 32, 36));
        formats.put(15, new Format("Q8_K", 256, 292));
        formats.put(16, new Format("IQ2_XXS", 256, 66));
        formats.put(17, new Format("IQ2_XS", 256, 74));
        formats.put(18, new Format("IQ3_XXS", 256, 98));
        formats.put(19, new Format("IQ1_S", 256, 50));
        formats.put(21, new Format("IQ3_S", 256, 110));
        formats.put(22, new Format("IQ2_S", 256, 82));
        formats.put(24, new Format("I8", 1, 1));
        formats.put(25, new Format("I16", 1, 2));
        formats.put(26, new Format("I32", 1, 4));
        formats.put(27, new Format("I64", 1, 8));
        formats.put(28, new Format("F64", 1, 8));
        formats.put(29, new Format("IQ1_M", 256, 56));
        formats.put(34, new Format("TQ1_0", 256, 54));
        formats.put(35, new Format("TQ2_0", 256, 66));
        formats.put(40, new Format("NVFP4", 64, 36));
        return Map.copyOf(formats);
    }

    static Optional<Format> format(int id) {
        return Optional.ofNullable(FORMATS.get(id));
    }

    static Optional<GgmlType> supported(int id) {
        for (GgmlType type : GgmlType.values()) {
            if (type.id() == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
