package dev.winnow.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.spi.Activations;
import dev.winnow.spi.Linear;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bands cover every row of every matrix once, and are cut where kernels and workers want it. */
class LinearBandsTest {

    private static final int ROW_BLOCK = 64;
    private static final int TOKEN_BLOCK = 16;

    private static final int[] ROWS = {576, 192, 1, 100};

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 512})
    void everyRowIsInOneBand(int tokens) {
        LinearBands bands = new LinearBands(IntStream.of(ROWS).mapToObj(Rows::new).toArray(Linear[]::new));
        AtomicIntegerArray[] seen = IntStream.of(ROWS).mapToObj(AtomicIntegerArray::new).toArray(AtomicIntegerArray[]::new);
        try (WorkerPool pool = new WorkerPool(2)) {
            bands.run(pool, tokens, (band, worker) -> {
                for (int row = bands.from(tokens, band); row < bands.to(tokens, band); row++) {
                    seen[bands.matrix(tokens, band)].incrementAndGet(row);
                }
            });
        }
        for (AtomicIntegerArray rows : seen) {
            for (int row = 0; row < rows.length(); row++) {
                assertEquals(1, rows.get(row));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 576, 640, 1536, 49152})
    void twoWorkersHaveTheSameNumberOfBandsOfAToken(int rows) {
        LinearBands bands = new LinearBands(new Rows(rows));
        int[] count = {0};
        try (WorkerPool pool = new WorkerPool(1)) {
            bands.run(pool, 1, (band, worker) -> {
                count[0]++;
                assertEquals(0, bands.from(1, band) % TOKEN_BLOCK);
            });
        }
        assertEquals(0, count[0] % 2);
        assertTrue(count[0] <= 24, count[0] + " bands");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 512})
    void bandsOfAPromptAreBlocksOfTheKernel(int tokens) {
        LinearBands bands = new LinearBands(new Rows(200));
        try (WorkerPool pool = new WorkerPool(1)) {
            bands.run(pool, tokens, (band, worker) -> {
                assertEquals(ROW_BLOCK * band, bands.from(tokens, band));
                assertEquals(Math.min(ROW_BLOCK * (band + 1), 200), bands.to(tokens, band));
            });
        }
    }

    /** A matrix that is only cut. */
    private record Rows(int rows) implements Linear {

        @Override
        public int columns() {
            return 32;
        }

        @Override
        public int rowBlock(int tokens) {
            return tokens == 1 ? TOKEN_BLOCK : ROW_BLOCK;
        }

        @Override
        public void multiply(int worker, Activations x, int fromRow, int toRow, float[] out, int outOffset, int outStride) {
            throw new UnsupportedOperationException();
        }
    }
}
