package dev.winnow.cpu.kernel;

/**
 * How rows of queries are cut into the tiles of matrix kernels: six rows each, and four in the last one if no more are left, or four each where
 * {@link VectorSupport#MANY_REGISTERS} is false. In a tile rows are interleaved,
 * {@code [dim][rows of the tile]}, so that a kernel finds the elements of one dimension with one index: with an address to compute for each row, a tile of
 * 6 × 2 vectors reached 84 % of the machine's multiply-adds, and so 98 %.
 */
public final class RowTiles {

    /** The rows of all tiles but the last. */
    public static final int MOST = VectorSupport.MANY_REGISTERS ? 6 : 4;

    /** The rows of the last tile, and of all where queries are few. */
    public static final int FEW = 4;

    private RowTiles() {}

    /** Returns the smallest number of rows, not less than {@code rows}, that whole tiles make. */
    public static int roundUp(int rows) {
        int whole = rows / MOST * MOST;
        int rest = rows - whole;
        return rest == 0 ? rows : rest <= FEW ? whole + FEW : whole + MOST;
    }

    /** Returns the rows of the tile with which {@code left} rows begin. */
    public static int rowsOfNext(int left) {
        return left >= MOST ? MOST : FEW;
    }

    /**
     * Copies a row, multiplied by a factor, to its place among rows that are cut into tiles.
     *
     * @param source   [dim] at {@code from}
     * @param target   [rows][dim] at {@code at}, interleaved
     * @param row      number of the row
     * @param rows     rows that whole tiles make
     * @param tileRows rows of all tiles but the last, which has {@link #FEW} if no more are left
     */
    public static void interleave(float[] source, int from, int dim, float factor, float[] target, int at, int row, int rows,
            int tileRows) {
        int inTile = row % tileRows;
        int step = Math.min(tileRows, rows - row + inTile);
        int to = at + (row - inTile) * dim + inTile;
        for (int c = 0; c < dim; c++) {
            target[to + c * step] = source[from + c] * factor;
        }
    }
}
