package dev.winnow.cpu;

import dev.winnow.cpu.kernel.ActivationOrder;
import dev.winnow.cpu.kernel.BlockStrips;
import dev.winnow.cpu.kernel.NarrowBlockRows;
import dev.winnow.cpu.kernel.NarrowByteRows;
import dev.winnow.cpu.kernel.NarrowFieldRows;
import dev.winnow.cpu.kernel.NarrowLevelRows;
import dev.winnow.cpu.kernel.NarrowSuperBlockRows;
import dev.winnow.cpu.kernel.PlainRows;
import dev.winnow.cpu.kernel.PlainStrips;
import dev.winnow.cpu.kernel.RowKernel;
import dev.winnow.cpu.kernel.StripDecoder;
import dev.winnow.cpu.kernel.SuperBlockStrips;
import dev.winnow.cpu.kernel.VectorSupport;
import dev.winnow.cpu.kernel.WideBlockRows;
import dev.winnow.cpu.kernel.WideFieldRows;
import dev.winnow.cpu.kernel.WideLevelRows;
import dev.winnow.cpu.kernel.WideSuperBlockRows;
import dev.winnow.spi.GgmlType;

/**
 * The kernels of a storage format.
 *
 * @param strips decodes strips for products of many tokens
 * @param order  the order of activations that {@code rows} reads
 * @param rows   multiplies rows with the vector of a single token
 */
record WeightKernels(StripDecoder strips, ActivationOrder order, RowKernel rows) {

    private static final boolean WIDE = VectorSupport.LANES == 16;

    static WeightKernels of(GgmlType type) {
        return WIDE ? wide(type) : narrow(type);
    }

    private static WeightKernels wide(GgmlType type) {
        return switch (type) {
            case F32, F16, BF16 -> plain(type);
            case Q4_0 -> new WeightKernels(BlockStrips.Q4_0, ActivationOrder.NIBBLES, WideBlockRows::q4_0);
            case Q4_1 -> new WeightKernels(BlockStrips.Q4_1, ActivationOrder.NIBBLES, WideBlockRows::q4_1);
            case Q5_0 -> new WeightKernels(BlockStrips.Q5_0, ActivationOrder.BLOCKS, WideBlockRows::q5_0);
            case Q5_1 -> new WeightKernels(BlockStrips.Q5_1, ActivationOrder.BLOCKS, WideBlockRows::q5_1);
            case Q8_0 -> new WeightKernels(BlockStrips.Q8_0, ActivationOrder.NATURAL, PlainRows::q8_0);
            case Q2_K -> new WeightKernels(SuperBlockStrips::q2_k, ActivationOrder.FIELDS, WideFieldRows::q2_k);
            case Q3_K -> new WeightKernels(SuperBlockStrips::q3_k, ActivationOrder.FIELDS, WideFieldRows::q3_k);
            case Q4_K -> new WeightKernels(SuperBlockStrips::q4_k, ActivationOrder.NIBBLE_GROUPS, WideSuperBlockRows::q4_k);
            case Q5_K -> new WeightKernels(SuperBlockStrips::q5_k, ActivationOrder.GROUPS_OF_32, WideSuperBlockRows::q5_k);
            case Q6_K -> new WeightKernels(SuperBlockStrips::q6_k, ActivationOrder.GROUPS_OF_16, WideSuperBlockRows::q6_k);
            case IQ4_NL -> new WeightKernels(BlockStrips.IQ4_NL, ActivationOrder.BLOCKS, WideLevelRows::iq4_nl);
            case IQ4_XS -> new WeightKernels(BlockStrips::iq4_xs, ActivationOrder.BLOCKS, WideLevelRows::iq4_xs);
            case MXFP4 -> new WeightKernels(BlockStrips.MXFP4, ActivationOrder.BLOCKS, WideLevelRows::mxfp4);
        };
    }

    private static WeightKernels narrow(GgmlType type) {
        return switch (type) {
            case F32, F16, BF16 -> plain(type);
            case Q4_0 -> new WeightKernels(BlockStrips.Q4_0, ActivationOrder.BLOCKS, NarrowBlockRows::q4_0);
            case Q4_1 -> new WeightKernels(BlockStrips.Q4_1, ActivationOrder.BLOCKS, NarrowBlockRows::q4_1);
            case Q5_0 -> new WeightKernels(BlockStrips.Q5_0, ActivationOrder.BLOCKS, NarrowBlockRows::q5_0);
            case Q5_1 -> new WeightKernels(BlockStrips.Q5_1, ActivationOrder.BLOCKS, NarrowBlockRows::q5_1);
            case Q8_0 -> new WeightKernels(BlockStrips.Q8_0, ActivationOrder.BYTES, NarrowByteRows::q8_0);
            case Q2_K -> new WeightKernels(SuperBlockStrips::q2_k, ActivationOrder.FIELDS, NarrowFieldRows::q2_k);
            case Q3_K -> new WeightKernels(SuperBlockStrips::q3_k, ActivationOrder.FIELDS, NarrowFieldRows::q3_k);
            case Q4_K -> new WeightKernels(SuperBlockStrips::q4_k, ActivationOrder.GROUPS_OF_32, NarrowSuperBlockRows::q4_k);
            case Q5_K -> new WeightKernels(SuperBlockStrips::q5_k, ActivationOrder.GROUPS_OF_32, NarrowSuperBlockRows::q5_k);
            case Q6_K -> new WeightKernels(SuperBlockStrips::q6_k, ActivationOrder.GROUPS_OF_16, NarrowSuperBlockRows::q6_k);
            case IQ4_NL -> new WeightKernels(BlockStrips.IQ4_NL, ActivationOrder.BLOCKS, NarrowLevelRows::iq4_nl);
            case IQ4_XS -> new WeightKernels(BlockStrips::iq4_xs, ActivationOrder.BLOCKS, NarrowLevelRows::iq4_xs);
            case MXFP4 -> new WeightKernels(BlockStrips.MXFP4, ActivationOrder.BLOCKS, NarrowLevelRows::mxfp4);
        };
    }

    private static WeightKernels plain(GgmlType type) {
        return switch (type) {
            case F32 -> new WeightKernels(PlainStrips::f32, ActivationOrder.NATURAL, PlainRows::f32);
            case F16 -> new WeightKernels(PlainStrips::f16, ActivationOrder.NATURAL, PlainRows::f16);
            case BF16 -> new WeightKernels(PlainStrips::bf16, ActivationOrder.NATURAL, PlainRows::bf16);
            default -> throw new IllegalArgumentException(type + " has blocks");
        };
    }
}
