package dev.winnow.cpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The shape of a panel: {@value #ROWS} weight rows × up to {@value #COLUMNS} columns, decoded once and multiplied with all tokens. A panel is cut into groups
 * of {@link #TILE_ROWS} rows, the rows of one register tile: {@code [group][column][row of the group]}, so that a kernel reads one panel front to back.
 */
public final class Panel {

    /** Rows of a panel, a multiple of the rows of a tile. Few, so that two workers get equal parts of a matrix of 576 rows. */
    public static final int ROWS = 32;

    /** Columns of a panel: 32 · 1024 floats are 128 KB, a part of the L2 cache. A multiple of every block size. */
    public static final int COLUMNS = 1024;

    /** Vectors of rows in a tile. */
    static final int TILE_VECTORS = 2;

    /** Rows of a tile. */
    static final int TILE_ROWS = TILE_VECTORS * VectorSupport.LANES;

    /** Tokens of the largest tile. */
    static final int TILE_TOKENS = RowTiles.MOST;

    /** Bytes from one column of a group to the next. */
    static final int COLUMN_BYTES = TILE_ROWS * Float.BYTES;

    private Panel() {}

    /** Returns the byte position of the first vector of a strip of {@code LANES} rows. */
    public static long strip(int strip, int columns) {
        return (long) (strip / TILE_VECTORS) * columns * COLUMN_BYTES + strip % TILE_VECTORS * (long) VectorSupport.LANES * Float.BYTES;
    }

    /**
     * Multiplies activations with a panel: {@code out[outOffset + token · outStride + row]}, for {@code tokens} tokens and {@code rows} rows.
     *
     * @param columns number of columns of the panel
     * @param x       activations; token t begins at {@code xOffset + t · xStride}
     * @param add     whether the products are added to what {@code out} holds (columns that came before)
     * @param edge    memory for the tiles that have more rows than are wanted: [TILE_TOKENS][TILE_ROWS]
     */
    public static void multiply(MemorySegment panel, int columns, float[] x, int xOffset, int xStride, int tokens, int rows, float[] out,
            int outOffset,
            int outStride, boolean add, float[] edge) {
        for (int row = 0; row < rows; row += TILE_ROWS) {
            long group = (long) (row / TILE_ROWS) * columns * COLUMN_BYTES;
            int valid = Math.min(TILE_ROWS, rows - row);
            for (int token = 0; token < tokens;) {
                int count = tokensOfTile(tokens - token);
                int input = xOffset + token * xStride;
                int output = outOffset + token * outStride + row;
                if (valid == TILE_ROWS) {
                    tile(count, panel, group, columns, x, input, xStride, out, output, outStride, add);
                } else {
                    tile(count, panel, group, columns, x, input, xStride, edge, 0, TILE_ROWS, false);
                    copyEdge(edge, count, valid, out, output, outStride, add);
                }
                token += count;
            }
        }
    }

    private static int tokensOfTile(int left) {
        return left >= TILE_TOKENS ? TILE_TOKENS : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    }

    private static void tile(int tokens, MemorySegment panel, long group, int columns, float[] x, int input, int xStride, float[] out,
            int output, int outStride, boolean add) {
        switch (tokens) {
            case 6 -> RegisterTile.six(panel, group, columns, x, input, xStride, out, output, outStride, add);
            case 4 -> RegisterTile.four(panel, group, columns, x, input, xStride, out, output, outStride, add);
            case 2 -> RegisterTile.two(panel, group, columns, x, input, xStride, out, output, outStride, add);
            default -> RegisterTile.one(panel, group, columns, x, input, out, output, add);
        }
    }

    private static void copyEdge(float[] edge, int tokens, int rows, float[] out, int output, int outStride, boolean add) {
        for (int token = 0; token < tokens; token++) {
            for (int row = 0; row < rows; row++) {
                int target = output + token * outStride + row;
                out[target] = edge[token * TILE_ROWS + row] + (add ? out[target] : 0);
            }
        }
    }
}
