package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Decodes whole cache pages to floats, in the order of elements that they have in the page. */
final class PageDecoder {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private PageDecoder() {}

    static void keys(KeyValues keyValues, int page, float[] target) {
        int dim = keyValues.keyDim();
        MemorySegment source = keyValues.keys(page);
        switch (keyValues.type()) {
            case F32 -> MemorySegment.copy(source, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, target, 0, KeyValues.PAGE_KEYS * dim);
            case F16 -> RowDecoder.halves(VectorSupport.view(source), VectorSupport.base(source), KeyValues.PAGE_KEYS * dim, target, 0);
            case Q8_0 -> {
                for (int group = 0; group < KeyValues.PAGE_KEYS / KeyValues.GROUP_KEYS; group++) {
                    for (int c = 0; c < dim; c++) {
                        int at = (group * dim + c) * KeyValues.GROUP_KEYS;
                        int scales = (group * KeyValues.scaleGroups(dim) + c / KeyValues.SCALE_DIMS) * KeyValues.GROUP_KEYS;
                        for (int key = 0; key < KeyValues.GROUP_KEYS; key++) {
                            target[at + key] = source.get(ValueLayout.JAVA_BYTE, at + key) * scale(source, dim, scales + key);
                        }
                    }
                }
            }
        }
    }

    static void values(KeyValues keyValues, int page, float[] target) {
        int dim = keyValues.valueDim();
        MemorySegment source = keyValues.values(page);
        switch (keyValues.type()) {
            case F32 -> MemorySegment.copy(source, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, target, 0, KeyValues.PAGE_KEYS * dim);
            case F16 -> RowDecoder.halves(VectorSupport.view(source), VectorSupport.base(source), KeyValues.PAGE_KEYS * dim, target, 0);
            case Q8_0 -> {
                for (int key = 0; key < KeyValues.PAGE_KEYS; key++) {
                    for (int c = 0; c < dim; c++) {
                        target[key * dim + c] = source.get(ValueLayout.JAVA_BYTE, key * dim + c)
                                * scale(source, dim, key * KeyValues.scaleGroups(dim) + c / KeyValues.SCALE_DIMS);
                    }
                }
            }
        }
    }

    private static float scale(MemorySegment source, int dim, int index) {
        return Float.float16ToFloat(source.get(SHORT, (long) KeyValues.PAGE_KEYS * dim + 2L * index));
    }
}
