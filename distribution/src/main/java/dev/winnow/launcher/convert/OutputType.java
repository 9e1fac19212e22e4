package dev.winnow.launcher.convert;

import dev.winnow.spi.GgmlType;
import java.util.Locale;

/** How the matrices of a converted model are stored; vectors are always F32. Which matrices get more bits is llama.cpp's choice (src/llama-quant.cpp). */
public enum OutputType {
    /** 32-bit floats. */
    F32(GgmlType.F32, 0),
    /** 16-bit IEEE floats. */
    F16(GgmlType.F16, 1),
    /** 16-bit floats with the range of 32-bit ones. */
    BF16(GgmlType.BF16, 32),
    /** 8.5 bits a weight. */
    Q8_0(GgmlType.Q8_0, 7),
    /** 6.6 bits a weight. */
    Q6_K(GgmlType.Q6_K, 18),
    /** 5.5 bits a weight, some matrices Q6_K. */
    Q5_K_M(GgmlType.Q5_K, 17),
    /** 4.5 bits a weight, some matrices Q6_K. */
    Q4_K_M(GgmlType.Q4_K, 15),
    /** 4.5 bits a weight in simpler blocks; the matrix of the logits is Q6_K. */
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

    /**
     * Returns the type of one tensor.
     *
     * @param tied   whether the token embeddings are the matrix of the logits too, which wants more precision
     * @param layers number of layers of the model
     */
    GgmlType of(TensorPlan.Item item, boolean tied, int layers) {
        return item.isMatrix() ? fitting(wanted(item.name(), tied, layers), item.shape().getFirst()) : GgmlType.F32;
    }

    private GgmlType wanted(String name, boolean tied, int layers) {
        boolean few = this == Q4_0 || this == Q4_K_M || this == Q5_K_M;
        if (few && (name.equals("output.weight") || tied && name.equals("token_embd.weight"))) {
            return GgmlType.Q6_K;
        }
        boolean sensitive = name.endsWith(".attn_v.weight") || name.endsWith(".ffn_down.weight");
        if (few && this != Q4_0 && sensitive && hasMoreBits(Integer.parseInt(name.split("\\.", -1)[1]), layers)) {
            return GgmlType.Q6_K;
        }
        return type;
    }

    /** The first and the last eighth of the layers, and every third between. */
    private static boolean hasMoreBits(int layer, int layers) {
        return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
    }

    /** Returns the type, or the next larger one whose blocks divide the rows. */
    private static GgmlType fitting(GgmlType wanted, long row) {
        if (row % wanted.blockSize() == 0) {
            return wanted;
        }
        return switch (wanted) {
            case Q4_K -> fitting(GgmlType.Q5_0, row);
            case Q5_K -> fitting(GgmlType.Q5_1, row);
            case Q6_K -> fitting(GgmlType.Q8_0, row);
            default -> GgmlType.F16;
        };
    }
}
