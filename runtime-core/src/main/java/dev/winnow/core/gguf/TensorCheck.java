package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalLong;

/** Searches tensor data for NaN and infinity: every element of F32, F64, F16 and BF16, and the scales of every block of quantised formats. Stateless. */
public final class TensorCheck {

    private static final int[] NO_SCALES = {};

    private TensorCheck() {}

    /** The first bad place of a file: an element of an unquantised tensor or a block of a quantised one, counted from 0. */
    public record Defect(String tensor, String typeName, boolean block, long index) {

        /** Returns the defect as one sentence. */
        public String message() {
            return "The tensor " + GgufInput.shown(tensor) + " (" + typeName + ") has a NaN or infinite "
                    + (block ? "scale in block " : "value at element ")
                    + index
                    + "; download or convert the model again.";
        }
    }

    /** Returns the first defect of a file, or empty. Reads all tensor data. */
    public static Optional<Defect> firstDefect(GgufFile file) {
        for (GgufTensor tensor : file.tensors()) {
            OptionalLong block = firstBadBlock(tensor);
            if (block.isPresent()) {
                return Optional.of(new Defect(tensor.name(), tensor.typeName(), tensor.format().blockSize() > 1, block.getAsLong()));
            }
        }
        return Optional.empty();
    }

    /**
     * Fails when a tensor of the file holds NaN or infinity.
     *
     * @throws WinnowException of kind MODEL that names the file, the tensor and the element or block
     */
    public static void requireFinite(GgufFile file) {
        firstDefect(file).ifPresent(defect -> {
            throw new WinnowException(WinnowException.Kind.MODEL, file.path() + " is corrupt. " + defect.message());
        });
    }

    private static OptionalLong firstBadBlock(GgufTensor tensor) {
        TensorFormat format = tensor.format();
        MemorySegment data = tensor.data();
        int[] halves = halfScales(format);
        long blocks = tensor.byteSize() / format.blockBytes();
        for (long block = 0; block < blocks; block++) {
            long position = block * format.blockBytes();
            if (isBad(format, data, position, halves)) {
                return OptionalLong.of(block);
            }
        }
        return OptionalLong.empty();
    }

    private static boolean isBad(TensorFormat format, MemorySegment data, long position, int[] halves) {
        return switch (format) {
            case F32, Q8_K -> (data.get(GgufValue.INT, position) & 0x7F80_0000) == 0x7F80_0000;
            case F64 -> (data.get(GgufValue.LONG, position) & 0x7FF0_0000_0000_0000L) == 0x7FF0_0000_0000_0000L;
            case BF16 -> (data.get(GgufValue.SHORT, position) & 0x7F80) == 0x7F80;
            // E8M0: only exponent 255 stands for NaN.
            case MXFP4 -> data.get(ValueLayout.JAVA_BYTE, position) == (byte) 0xFF;
            case NVFP4 -> hasNanE4m3(data, position);
            case IQ1_M -> isBadHalf(iq1mScale(data, position));
            default -> hasBadHalf(data, position, halves);
        };
    }

    private static boolean hasBadHalf(MemorySegment data, long position, int[] halves) {
        for (int offset : halves) {
            if (isBadHalf(data.get(GgufValue.SHORT, position + offset))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBadHalf(int bits) {
        return (bits & 0x7C00) == 0x7C00;
    }

    private static boolean hasNanE4m3(MemorySegment data, long position) {
        for (int i = 0; i < 4; i++) {
            if ((data.get(ValueLayout.JAVA_BYTE, position + i) & 0x7F) == 0x7F) {
                return true;
            }
        }
        return false;
    }

    /** IQ1_M spreads its fp16 scale over the top nibbles of the four 16-bit scale words in the last 8 bytes of a block. */
    private static int iq1mScale(MemorySegment data, long position) {
        int scale = 0;
        for (int i = 0; i < 4; i++) {
            scale |= ((data.get(GgufValue.SHORT, position + 48 + 2L * i) >> 12) & 15) << (4 * i);
        }
        return scale;
    }

    /** Returns the byte offsets of the fp16 values in a block. */
    private static int[] halfScales(TensorFormat format) {
        return switch (format) {
            case F16, Q4_0, Q5_0, Q8_0, Q1_0, Q2_0, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ1_S, IQ4_NL, IQ4_XS -> new int[]{0};
            case Q4_1, Q5_1, Q8_1, Q4_K, Q5_K -> new int[]{0, 2};
            case Q2_K -> new int[]{80, 82};
            case Q3_K -> new int[]{108};
            case Q6_K -> new int[]{208};
            case TQ1_0 -> new int[]{52};
            case TQ2_0 -> new int[]{64};
            case F32, F64, BF16, Q8_K, MXFP4, NVFP4, IQ1_M, I8, I16, I32, I64 -> NO_SCALES;
        };
    }
}
