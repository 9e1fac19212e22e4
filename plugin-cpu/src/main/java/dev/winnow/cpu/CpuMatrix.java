package dev.winnow.cpu;

import dev.winnow.spi.Activations;
import dev.winnow.spi.Linear;
import dev.winnow.spi.WeightMatrix;
import java.util.Arrays;

/** A weight matrix in its stored form. */
final class CpuMatrix implements Linear {

    /** From this many tokens on, decoding a panel once for all of them pays for transposing it. */
    private static final int LEAST_GEMM_TOKENS = 6;

    private final WeightMatrix weights;
    private final CpuLinear.Scratch[] scratch;

    CpuMatrix(WeightMatrix weights, CpuLinear.Scratch[] scratch) {
        this.weights = weights;
        this.scratch = scratch;
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
    public int rowBlock() {
        return Panels.ROWS;
    }

    @Override
    public void multiply(int worker, Activations x, int fromRow, int toRow, float[] out, int outOffset, int outStride) {
        CpuLinear.Scratch memory = scratch[worker];
        if (x.tokens() >= LEAST_GEMM_TOKENS) {
            for (int row = fromRow; row < toRow; row += Panels.ROWS) {
                panel(memory, x, row, Math.min(Panels.ROWS, toRow - row), out, outOffset, outStride);
            }
        } else {
            rowByRow(memory, x, fromRow, toRow, out, outOffset, outStride);
        }
    }

    private void panel(CpuLinear.Scratch memory, Activations x, int row, int rows, float[] out, int outOffset, int outStride) {
        for (int token = 0; token < x.tokens(); token++) {
            int at = outOffset + token * outStride + row;
            Arrays.fill(out, at, at + rows, 0);
        }
        for (int k = 0; k < weights.columns(); k += Panels.DEPTH) {
            int depth = Math.min(Panels.DEPTH, weights.columns() - k);
            Panels.fill(weights, row, rows, k, depth, memory);
            Gemm.multiply(x, k, depth, memory, rows, out, outOffset + row, outStride);
        }
    }

    private void rowByRow(CpuLinear.Scratch memory, Activations x, int fromRow, int toRow, float[] out, int outOffset, int outStride) {
        int columns = weights.columns();
        if (memory.row.length < columns) {
            memory.row = new float[columns];
        }
        for (int row = fromRow; row < toRow; row++) {
            RowDecoder.decode(weights.type(), weights.data(), row * weights.rowBytes(), columns, memory.row, 0);
            for (int token = 0; token < x.tokens(); token++) {
                out[outOffset + token * outStride + row] = CpuLinear.dot(x.values(), token * columns, memory.row, 0, columns);
            }
        }
    }
}
