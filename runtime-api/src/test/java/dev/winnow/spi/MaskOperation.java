package dev.winnow.spi;

/**
 * One call of a mutator, with numbers that are folded into the range of whatever shape they meet.
 *
 * @param from position in −70 … keys + 70
 * @param to   the same
 */
record MaskOperation(Kind kind, int head, int query, int block, int from, int to, long bits) {

    enum Kind {
        RETAIN, REMOVE, RETAIN_COLUMNS, REMOVE_BLOCK, REMOVE_BLOCKS, REMOVE_RANGE, RETAIN_RANGE, REMOVE_KEYS
    }

    /** Folds the numbers into the range of a shape. */
    MaskOperation fit(MaskShape shape) {
        int span = shape.keys() + 140;
        return new MaskOperation(kind, head % shape.heads(), query % shape.queries(), block % shape.blocks(), from % span - 70,
                to % span - 70, bits);
    }

    void apply(AttentionMask mask) {
        switch (kind) {
            case RETAIN -> mask.retain(head, query, block, bits);
            case REMOVE -> mask.remove(head, query, block, bits);
            case RETAIN_COLUMNS -> mask.retainColumns(head, block, bits);
            case REMOVE_BLOCK -> mask.removeBlock(head, block);
            case REMOVE_BLOCKS -> mask.removeBlocks(head, Math.min(block, block(to, mask)), Math.max(block, block(to, mask)));
            case REMOVE_RANGE -> mask.removeRange(head, query, from, to);
            case RETAIN_RANGE -> mask.retainRange(head, query, from, to);
            case REMOVE_KEYS -> mask.removeKeys(head, from, to);
        }
    }

    private static int block(int key, AttentionMask mask) {
        return Math.clamp(key / 64, 0, mask.blockCount());
    }

    void apply(NaiveMask mask, int blocks) {
        int toBlock = Math.clamp(to / 64, 0, blocks);
        mask.retainIf((h, q, k) -> {
            boolean row = h == head && q == query;
            boolean bit = k / 64 != block || (bits >>> (k % 64) & 1) != 0;
            boolean inRange = k >= from && k < to;
            return switch (kind) {
                case RETAIN -> !row || bit;
                case REMOVE -> !row || k / 64 != block || !bit;
                case RETAIN_COLUMNS -> h != head || bit;
                case REMOVE_BLOCK -> h != head || k / 64 != block;
                case REMOVE_BLOCKS -> h != head || k / 64 < Math.min(block, toBlock) || k / 64 >= Math.max(block, toBlock);
                case REMOVE_RANGE -> !row || !inRange;
                case RETAIN_RANGE -> !row || inRange;
                case REMOVE_KEYS -> h != head || !inRange;
            };
        });
    }
}
