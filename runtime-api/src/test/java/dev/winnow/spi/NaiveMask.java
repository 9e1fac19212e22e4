package dev.winnow.spi;

/** What {@link AttentionMask} means, written as plainly as possible: a boolean for each head, query and key. */
final class NaiveMask {

    private final MaskShape shape;
    private final boolean[][][] kept; // [heads][queries][keys]

    NaiveMask(MaskShape shape) {
        this.shape = shape;
        this.kept = new boolean[shape.heads()][shape.queries()][shape.keys()];
        each((head, query, key) -> key >= shape.firstKey() && (shape.base() != MaskBase.CAUSAL || key <= shape.firstPosition() + query));
    }

    /** Decides about one bit. */
    interface Rule {
        boolean keeps(int head, int query, int key);
    }

    void each(Rule rule) {
        for (int head = 0; head < shape.heads(); head++) {
            for (int query = 0; query < shape.queries(); query++) {
                for (int key = 0; key < shape.keys(); key++) {
                    kept[head][query][key] = rule.keeps(head, query, key);
                }
            }
        }
    }

    void retainIf(Rule rule) {
        each((head, query, key) -> kept[head][query][key] && rule.keeps(head, query, key));
    }

    boolean keeps(int head, int query, int key) {
        return kept[head][query][key];
    }

    long word(int head, int query, int block) {
        long word = 0;
        for (int key = block * 64; key < Math.min((block + 1) * 64, shape.keys()); key++) {
            word |= kept[head][query][key] ? 1L << (key - block * 64) : 0;
        }
        return word;
    }

    long columns(int head, int block) {
        long union = 0;
        for (int query = 0; query < shape.queries(); query++) {
            union |= word(head, query, block);
        }
        return union;
    }

    int state(int head, int block) {
        boolean full = true;
        for (int query = 0; query < shape.queries(); query++) {
            full &= word(head, query, block) == -1L;
        }
        return full ? AttentionMask.FULL : columns(head, block) == 0 ? AttentionMask.EMPTY : AttentionMask.PARTIAL;
    }

    long keptKeys() {
        long count = 0;
        for (boolean[][] head : kept) {
            for (boolean[] row : head) {
                count += count(row);
            }
        }
        return count;
    }

    private static int count(boolean[] row) {
        int count = 0;
        for (boolean bit : row) {
            count += bit ? 1 : 0;
        }
        return count;
    }

    void seal() {
        if (shape.base() == MaskBase.CROSS) {
            return;
        }
        for (boolean[][] head : kept) {
            for (int query = 0; query < shape.queries(); query++) {
                if (count(head[query]) == 0) {
                    head[query][shape.firstPosition() + query] = true;
                }
            }
        }
    }
}
