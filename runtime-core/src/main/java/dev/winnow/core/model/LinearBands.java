package dev.winnow.core.model;

import dev.winnow.core.parallel.ParallelTask;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.spi.Linear;

/**
 * The rows of several matrices that share one input, cut into bands for the workers. Bands of a prompt have the kernel's favourite number of rows; those of a
 * single token are larger, because each is little work.
 */
final class LinearBands {

    private static final int SINGLE_TOKEN_BANDS = 16;

    private final Linear[] matrices;
    private final int[][] which = new int[2][]; // [prompt, single token][band]
    private final int[][] from = new int[2][];
    private final int[][] to = new int[2][];

    LinearBands(Linear... matrices) {
        this.matrices = matrices.clone();
        int rows = 0;
        for (Linear matrix : matrices) {
            rows += matrix.rows();
        }
        cut(0, 1);
        cut(1, Math.max(1, rows / SINGLE_TOKEN_BANDS));
    }

    private void cut(int kind, int leastRows) {
        int bands = 0;
        for (Linear matrix : matrices) {
            bands += (matrix.rows() + size(matrix, leastRows) - 1) / size(matrix, leastRows);
        }
        which[kind] = new int[bands];
        from[kind] = new int[bands];
        to[kind] = new int[bands];
        int band = 0;
        for (int i = 0; i < matrices.length; i++) {
            int size = size(matrices[i], leastRows);
            for (int row = 0; row < matrices[i].rows(); row += size) {
                which[kind][band] = i;
                from[kind][band] = row;
                to[kind][band] = Math.min(row + size, matrices[i].rows());
                band++;
            }
        }
    }

    private static int size(Linear matrix, int leastRows) {
        int block = matrix.rowBlock();
        return (leastRows + block - 1) / block * block;
    }

    private static int kind(int tokens) {
        return tokens == 1 ? 1 : 0;
    }

    /** Runs a task once for each band. The weights of a single token are streamed: each worker gets neighbouring bands. */
    void run(WorkerPool pool, int tokens, ParallelTask task) {
        int count = which[kind(tokens)].length;
        if (tokens == 1) {
            pool.runInRanges(count, task);
        } else {
            pool.run(count, task);
        }
    }

    int matrix(int tokens, int band) {
        return which[kind(tokens)][band];
    }

    int from(int tokens, int band) {
        return from[kind(tokens)][band];
    }

    int to(int tokens, int band) {
        return to[kind(tokens)][band];
    }
}
