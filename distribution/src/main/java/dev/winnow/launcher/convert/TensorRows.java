package dev.winnow.launcher.convert;

import dev.winnow.core.gguf.GgufWriter;
import dev.winnow.spi.GgmlType;

/** Reads the rows of a tensor in the order and with the values that GGUF wants. */
final class TensorRows implements GgufWriter.RowSource {

    private static final float LARGEST_F16 = 65_504;

    private final TensorPlan.Item item;
    private final GgmlType stored;
    private final int columns;
    private final int headRows; // rows of one head, 0 for the order of the checkpoint

    TensorRows(TensorPlan.Item item, GgmlType stored) {
        this.item = item;
        this.stored = stored;
        this.columns = item.isMatrix() ? Math.toIntExact(item.source().shape().getLast()) : 1;
        this.headRows = item.heads() == 0 ? 0 : Math.toIntExact(item.source().shape().getFirst() / item.heads());
    }

    @Override
    public void read(long first, int count, float[] target) {
        int width = item.isMatrix() ? columns : Math.toIntExact(item.shape().getFirst());
        if (headRows == 0) {
            item.source().read(first * width, count * width, target, 0);
        } else {
            int rows = item.isMatrix() ? count : width;
            for (int i = 0; i < rows; i++) {
                item.source().read(sourceRow(first + i) * columns, columns, target, i * columns);
            }
        }
        for (int i = 0; i < count * width; i++) {
            target[i] += item.shift();
            check(target[i]);
        }
    }

    /**
     * Transformers turns the dimensions i and i + d/2 of a head together, llama.cpp's NORM style 2i and 2i + 1 (conversion, LlamaModel.permute): row 2i + h of a
     * head is row i + h·d/2 of the checkpoint.
     */
    private long sourceRow(long row) {
        long head = row / headRows;
        long inHead = row % headRows;
        return head * headRows + inHead / 2 + inHead % 2 * (headRows / 2);
    }

    private void check(float value) {
        if (!Float.isFinite(value)) {
            throw Defects.in(item.source().file(), "has the value " + value + " in the tensor '" + item.source().name() + "'");
        }
        if (stored == GgmlType.F16 && Math.abs(value) > LARGEST_F16) {
            throw Defects.unsupported("The tensor '" + item.source().name() + "' has the value " + value
                    + ", which F16 cannot hold; convert to bf16 or f32");
        }
    }
}
