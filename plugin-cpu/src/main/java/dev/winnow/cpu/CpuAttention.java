package dev.winnow.cpu;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import java.util.Arrays;
import java.util.List;

/** Attention by vector instructions. All memory belongs to the worker that a tile names. */
final class CpuAttention implements AttentionBackend {

    private final TileAttention[] tiles; // [workers]

    CpuAttention(int workers) {
        tiles = new TileAttention[workers];
        Arrays.setAll(tiles, worker -> new TileAttention(new AttentionScratch()));
    }

    @Override
    public List<String> unsupported(LayerSpec layer, KvType type) {
        return List.of();
    }

    @Override
    public void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, AttentionAccumulator target) {
        tiles[tile.worker()].attend(tile, mask, firstBlock, endBlock, Float.NEGATIVE_INFINITY, target);
    }
}
