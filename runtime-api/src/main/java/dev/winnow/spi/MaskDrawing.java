package dev.winnow.spi;

/** Draws masks as text. */
final class MaskDrawing {

    /** Keys up to which each one is drawn. */
    static final int DRAWN_KEYS = 256;

    private MaskDrawing() {}

    static String draw(AttentionMask mask) {
        StringBuilder text = new StringBuilder();
        text.append(mask.base()).append(", ").append(mask.headCount()).append(" heads, queries ").append(mask.firstPosition());
        text.append(" to ").append(mask.firstPosition() + mask.queryCount() - 1).append(", ").append(mask.keyCount()).append(" keys");
        for (int head = 0; head < mask.headCount(); head++) {
            for (int query = 0; query < mask.queryCount(); query++) {
                text.append("\nhead ").append(head).append(" query ").append(mask.firstPosition() + query).append(": ");
                drawRow(mask, head, query, text);
            }
        }
        return text.toString();
    }

    private static void drawRow(AttentionMask mask, int head, int query, StringBuilder text) {
        for (int block = 0; block < mask.blockCount(); block++) {
            long word = mask.word(head, query, block);
            int keys = Math.min(AttentionMask.BLOCK_KEYS, mask.keyCount() - block * AttentionMask.BLOCK_KEYS);
            if (mask.keyCount() > DRAWN_KEYS) {
                text.append(word == 0 ? '.' : Long.bitCount(word) == keys ? '#' : '+');
                continue;
            }
            text.append(block == 0 ? "" : " ");
            for (int key = 0; key < keys; key++) {
                text.append((word >>> key & 1) == 0 ? '.' : '#');
            }
        }
    }
}
