package dev.winnow.cpu;

import dev.winnow.api.WinnowException;
import dev.winnow.cpu.kernel.ActivationOrder;
import dev.winnow.cpu.kernel.LinearScratch;
import dev.winnow.cpu.kernel.Panel;
import dev.winnow.cpu.kernel.RowKernel;
import dev.winnow.cpu.kernel.StripDecoder;
import dev.winnow.cpu.kernel.VectorSupport;
import dev.winnow.spi.Activations;
import dev.winnow.spi.Linear;
import dev.winnow.spi.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A weight matrix in its stored form. Checks every range before a kernel runs, because kernels read memory without checks. */
final class CpuMatrix implements Linear {

    /** Bytes of rows that stay in the L1 cache while they are multiplied with one token after the other. */
    private static final int ROWS_BYTES = 16 << 10;

    /** Outputs in a cache line: row kernels take any number of rows, but workers should not write to the same line. */
    private static final int LINE_FLOATS = 16;

    private final WeightMatrix weights;
    private final MemorySegment data; // native

    /** What kernels read: one class of segment, whether the file is mapped or not, since the compiler trusts that the next will be like those that it saw. */
    private final MemorySegment memory;

    private final long base; // of the data in the memory
    private final StripDecoder strips;
    private final ActivationOrder order;
    private final @Nullable RowKernel rowKernel;
    private final LinearScratch[] scratch;

    CpuMatrix(WeightMatrix weights, WeightKernels kernels, OrdersInUse inUse, LinearScratch[] scratch) {
        this.weights = weights;
        this.data = nativeData(weights);
        this.memory = VectorSupport.view(data);
        this.base = VectorSupport.base(data);
        this.strips = kernels.strips();
        this.order = kernels.order();
        this.rowKernel = order.fits(weights.columns()) ? kernels.rows() : null;
        this.scratch = scratch;
        if (rowKernel != null) {
            inUse.add(order);
        }
    }

    /** Returns the data if they are outside the heap, where kernels can address them, or else a copy. */
    private static MemorySegment nativeData(WeightMatrix weights) {
        long bytes = weights.rows() * weights.rowBytes();
        if (weights.columns() % weights.type().blockSize() != 0 || weights.data().byteSize() < bytes) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The tensor '" + weights.name() + "' has " + weights.data().byteSize()
                    + " bytes, which is no " + weights.type() + " matrix of " + weights.rows() + " x " + weights.columns() + ".");
        }
        if (weights.data().isNative()) {
            return weights.data();
        }
        return Arena.ofAuto().allocate(Math.max(bytes, 1)).copyFrom(weights.data().asSlice(0, bytes));
    }

    @Override
    public int rows() {
        return weights.rows();
    }

    @Override
    public int columns() {
        return weights.columns();
    }

    @Override
    public int rowBlock(int tokens) {
        return tokens == 1 && rowKernel != null ? LINE_FLOATS : Panel.ROWS;
    }

    @Override
    public void multiply(int worker, Activations x, int fromRow, int toRow, float[] out, int outOffset, int outStride) {
        if (!(x instanceof CpuActivations activations) || x.columns() != weights.columns()) {
            throw new IllegalArgumentException("The tensor '" + weights.name() + "' takes activations of the cpu backend with "
                    + weights.columns() + " columns");
        }
        Objects.checkFromToIndex(fromRow, toRow, weights.rows());
        if (x.tokens() == 0 || fromRow == toRow) {
            return;
        }
        Objects.checkFromToIndex(outOffset + fromRow, Math.addExact(outOffset + (x.tokens() - 1) * outStride, toRow), out.length);
        if (!data.scope().isAlive()) {
            throw new IllegalStateException("The tensor '" + weights.name() + "' is used after its model was closed");
        }
        try {
            if (rowKernel != null && activations.has(order)) {
                rowByRow(rowKernel, scratch[worker], activations, fromRow, toRow, out, outOffset, outStride);
            } else {
                byPanels(scratch[worker], activations, fromRow, toRow, out, outOffset, outStride);
            }
        } finally {
            // kernels know addresses only, so the owners of the memory must be seen to live
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(x);
        }
    }

    private void rowByRow(RowKernel kernel, LinearScratch own, CpuActivations x, int fromRow, int toRow, float[] out, int outOffset,
            int outStride) {
        long rowBytes = weights.rowBytes();
        int step = x.tokens() == 1 ? RowKernel.ROWS : Math.clamp(ROWS_BYTES / rowBytes, 1, RowKernel.ROWS);
        for (int row = fromRow; row < toRow; row += step) {
            int count = Math.min(step, toRow - row);
            for (int token = 0; token < x.tokens(); token++) {
                kernel.multiply(memory, base + row * rowBytes, rowBytes, count, weights.columns(), x.copies(), x.offset(order, token),
                        own.sums);
                own.addLanes(count, out, outOffset + token * outStride + row);
            }
        }
    }

    private void byPanels(LinearScratch own, CpuActivations x, int fromRow, int toRow, float[] out, int outOffset, int outStride) {
        for (int row = fromRow; row < toRow; row += Panel.ROWS) {
            int rows = Math.min(Panel.ROWS, toRow - row);
            for (int column = 0; column < weights.columns(); column += Panel.COLUMNS) {
                int columns = Math.min(Panel.COLUMNS, weights.columns() - column);
                decodePanel(own, row, rows, column, columns);
                Panel.multiply(own.panel, columns, x.values(), column, weights.columns(), x.tokens(), rows, out, outOffset + row,
                        outStride, column > 0, own.edge);
            }
        }
    }

    private void decodePanel(LinearScratch own, int row, int rows, int column, int columns) {
        long rowBytes = weights.rowBytes();
        for (int strip = 0; strip * VectorSupport.LANES < rows; strip++) {
            int first = strip * VectorSupport.LANES;
            strips.decode(memory, base + (row + first) * rowBytes + weights.type().byteSize(column), rowBytes, rows - 1 - first, columns,
                    own.panel, Panel.strip(strip, columns), own.strip);
        }
    }
}
