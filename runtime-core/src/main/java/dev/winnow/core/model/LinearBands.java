package dev.winnow.core.model;

import dev.winnow.core.parallel.ParallelTask;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.spi.Linear;
import java.util.function.ToIntFunction;

/**
 * The rows of several matrices that share one input, cut into bands for the workers. Bands of a prompt have the kernel's favourite number of rows. Those of a
 * single token, each of which is little work, are as many blocks of its kernel as are worth handing out, and few enough that two workers get equal parts of a
 * matrix of a few hundred rows.
 */
final class LinearBands {

    private static final int SINGLE_TOKEN_BANDS = 24;
    private static final int SEVERAL_TOKENS = 2;

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
        int least = Math.ceilDiv(rows, SINGLE_TOKEN_BANDS);
        cut(0, matrix -> matrix.rowBlock(SEVERAL_TOKENS));
        cut(1, matrix -> Math.ceilDiv(least, matrix.rowBlock(1)) * matrix.rowBlock(1));
    }

    private void cut(int kind, ToIntFunction<Linear> size) {
        int bands = 0;
        for (Linear matrix : matrices) {
            bands += Math.ceilDiv(matrix.rows(), size.applyAsInt(matrix));
        }
        which[kind] = new int[bands];
        from[kind] = new int[bands];
        to[kind] = new int[bands];
        int band = 0;
        for (int i = 0; i < matrices.length; i++) {
            int step = size.applyAsInt(matrices[i]);
            for (int row = 0; row < matrices[i].rows(); row += step) {
                which[kind][band] = i;
                from[kind][band] = row;
                to[kind][band] = Math.min(row + step, matrices[i].rows());
                band++;
            }
        }
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
