package dev.winnow.core.eval;

import dev.winnow.spi.LayerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where attention goes: kept keys and dropped softmax mass by layer, head and range of query positions, and the kept keys of one head by blocks of queries and
 * keys. The mass that a row drops bounds the error of its output: it is mass · |mean of the dropped values − mean of the kept ones|, so at most the mass times the
 * spread of the values. Added to by several workers at once; read when they are done.
 */
public final class SparsityMap {

    /** Ranges that the positions are divided into. */
    static final int RANGES = 8;

    /** Blocks on a side of the map of one head, at most. */
    private static final int SIDE = 128;

    /** Keys and queries of the smallest block. */
    private static final int SMALLEST_BLOCK = 16;

    private final SparsityShare[][][] shares; // [layer][head][range]
    private final int rangeWidth;
    private final int layer;
    private final int head;
    private final int blockWidth;
    private final long[][] kept; // [query block][key block], of one head
    private final long[][] base;

    /**
     * Creates an empty map.
     *
     * @param contextLength number of positions
     * @param layer         of the head whose blocks are counted
     * @param head          whose blocks are counted
     */
    SparsityMap(List<LayerSpec> layers, int contextLength, int layer, int head) {
        rangeWidth = SMALLEST_BLOCK * Math.ceilDiv(contextLength, RANGES * SMALLEST_BLOCK);
        blockWidth = SMALLEST_BLOCK * Math.ceilDiv(contextLength, SIDE * SMALLEST_BLOCK);
        this.layer = layer;
        this.head = head;
        int ranges = Math.ceilDiv(contextLength, rangeWidth);
        int side = Math.ceilDiv(contextLength, blockWidth);
        kept = new long[side][side];
        base = new long[side][side];
        shares = layers.stream().map(spec -> IntStream.range(0, spec.attention().headCount())
                .mapToObj(ofHead -> IntStream.range(0, ranges)
                        .mapToObj(range -> SparsityShare.empty(spec.index(), ofHead, range * rangeWidth,
                                Math.min((range + 1) * rangeWidth, contextLength)))
                        .toArray(SparsityShare[]::new))
                .toArray(SparsityShare[][]::new)).toArray(SparsityShare[][][]::new);
    }

    /** Adds the kept keys of a row, and of those that the model permits. */
    synchronized void addRow(int ofLayer, int ofHead, int position, long baseKeys, long keptKeys) {
        int range = position / rangeWidth;
        shares[ofLayer][ofHead][range] = shares[ofLayer][ofHead][range].plusRow(baseKeys, keptKeys);
    }

    /** Adds the dropped mass of a row, 0 to 1. */
    synchronized void addMass(int ofLayer, int ofHead, int position, double mass) {
        int range = position / rangeWidth;
        shares[ofLayer][ofHead][range] = shares[ofLayer][ofHead][range].plusMass(mass);
    }

    /** Returns whether the blocks of a head are counted. */
    boolean countsBlocks(int ofLayer, int ofHead) {
        return ofLayer == layer && ofHead == head;
    }

    /** Adds a key of a row to the blocks. */
    synchronized void addKey(int position, int key, boolean isKept) {
        base[position / blockWidth][key / blockWidth]++;
        kept[position / blockWidth][key / blockWidth] += isKept ? 1 : 0;
    }

    /** Returns the number of layers. */
    public int layerCount() {
        return shares.length;
    }

    /** Returns the number of query heads of a layer. */
    public int headCount(int ofLayer) {
        return shares[ofLayer].length;
    }

    /** Returns everything, by layer, head and range of positions. */
    public List<SparsityShare> details() {
        List<SparsityShare> all = new ArrayList<>();
        for (SparsityShare[][] ofLayer : shares) {
            for (SparsityShare[] ofHead : ofLayer) {
                all.addAll(List.of(ofHead));
            }
        }
        return all;
    }

    /** Returns a head at all positions. */
    public SparsityShare ofHead(int ofLayer, int ofHead) {
        return SparsityShare.sum(List.of(shares[ofLayer][ofHead]));
    }

    /** Returns everything in one. */
    public SparsityShare total() {
        return SparsityShare.sum(details());
    }

    /** Returns the layer of the head whose blocks are counted. */
    public int blocksLayer() {
        return layer;
    }

    /** Returns the head whose blocks are counted. */
    public int blocksHead() {
        return head;
    }

    /** Returns the number of queries, and of keys, of a block. */
    public int blockWidth() {
        return blockWidth;
    }

    /** Returns the number of blocks on each side. */
    public int blockCount() {
        return kept.length;
    }

    /** Returns the share of the permitted keys that the queries of a block keep in a block of keys, 0 to 1; NaN if none is permitted. */
    public double keptOfBlock(int queryBlock, int keyBlock) {
        return base[queryBlock][keyBlock] == 0 ? Double.NaN : (double) kept[queryBlock][keyBlock] / base[queryBlock][keyBlock];
    }
}
