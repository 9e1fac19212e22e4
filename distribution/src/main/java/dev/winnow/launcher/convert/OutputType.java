package dev.winnow.launcher.convert;

import dev.winnow.spi.GgmlType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How the matrices of a converted model are stored; vectors are always F32. */
public enum OutputType {
    /** 32-bit floats. */
    F32(GgmlType.F32, 0),
    /** 16-bit IEEE floats. */
    F16(GgmlType.F16, 1),
    /** 16-bit floats with the range of 32-bit ones. */
    BF16(GgmlType.BF16, 32),
    /** Blocks of 32 bytes with one scale. */
    Q8_0(GgmlType.Q8_0, 7),
    /** Blocks of 32 half-bytes with one scale; the matrix of the logits is Q8_0. */
    Q4_0(GgmlType.Q4_0, 2);

    private final GgmlType type;
    private final int fileType; // llama.cpp's llama_ftype

    OutputType(GgmlType type, int fileType) {
        this.type = type;
        this.fileType = fileType;
    }

    int fileType() {
        return fileType;
    }

    /** Returns the name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the type with a name on the command line. */
    public static Optional<OutputType> ofLabel(String label) {
        return Arrays.stream(values()).filter(type -> type.label().equals(label.toLowerCase(Locale.ROOT))).findFirst();
    }

    /** Returns the names on the command line. */
    public static String labels() {
        return Arrays.stream(values()).map(OutputType::label).collect(Collectors.joining(", "));
    }

    /** Returns the type of one tensor; {@code tied} says that the token embeddings are the matrix of the logits too, which wants more precision. */
    GgmlType of(TensorPlan.Item item, boolean tied) {
        if (!item.isMatrix()) {
            return GgmlType.F32;
        }
        boolean logits = item.name().equals("output.weight") || tied && item.name().equals("token_embd.weight");
        GgmlType wanted = this == Q4_0 && logits ? GgmlType.Q8_0 : type;
        return item.shape().getFirst() % wanted.blockSize() == 0 ? wanted : GgmlType.F16;
    }
}
