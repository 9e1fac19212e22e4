package dev.winnow.spi.contract;

import dev.winnow.spi.AttentionMask;
import java.util.Random;

/** Ways of thinning a mask out that refiners use, and some that none would. */
public enum MaskPattern {

    /** Removes nothing. */
    NONE {
        @Override
        public void thin(AttentionMask mask, Random random) {}
    },
    /** Removes most blocks, the same ones for all heads. */
    BLOCKS {
        @Override
        public void thin(AttentionMask mask, Random random) {
            for (int block = 0; block < mask.blockCount(); block++) {
                if (random.nextInt(4) != 0) {
                    for (int head = 0; head < mask.headCount(); head++) {
                        mask.removeBlock(head, block);
                    }
                }
            }
        }
    },
    /** Keeps one of the four pages of 16 keys of each block. */
    PAGES_OF_16 {
        @Override
        public void thin(AttentionMask mask, Random random) {
            for (int block = 0; block < mask.blockCount(); block++) {
                long page = 0xFFFFL << (16 * random.nextInt(4));
                for (int head = 0; head < mask.headCount(); head++) {
                    mask.retainColumns(head, block, page);
                }
            }
        }
    },
    /** Keeps some pages of 4 keys, other ones for each head, and now and then a single key between them. */
    PAGES_OF_4 {
        @Override
        public void thin(AttentionMask mask, Random random) {
            for (int head = 0; head < mask.headCount(); head++) {
                for (int block = 0; block < mask.blockCount(); block++) {
                    long bits = random.nextInt(8) == 0 ? 1L << random.nextInt(AttentionMask.BLOCK_KEYS) : 0;
                    for (int page = 0; page < AttentionMask.BLOCK_KEYS; page += 4) {
                        bits |= random.nextInt(3) == 0 ? 0xFL << page : 0;
                    }
                    mask.retainColumns(head, block, bits);
                }
            }
        }
    },
    /** Keeps every seventh key. */
    STRIDE {
        @Override
        public void thin(AttentionMask mask, Random random) {
            for (int block = 0; block < mask.blockCount(); block++) {
                long bits = 0;
                for (int key = 0; key < AttentionMask.BLOCK_KEYS; key++) {
                    bits |= (block * AttentionMask.BLOCK_KEYS + key) % 7 == 0 ? 1L << key : 0;
                }
                for (int head = 0; head < mask.headCount(); head++) {
                    mask.retainColumns(head, block, bits);
                }
            }
        }
    },
    /** Keeps one key of a block for all rows. */
    SINGLE_KEYS {
        @Override
        public void thin(AttentionMask mask, Random random) {
            for (int block = 0; block < mask.blockCount(); block++) {
                long bit = 1L << random.nextInt(AttentionMask.BLOCK_KEYS);
                for (int head = 0; head < mask.headCount(); head++) {
                    mask.retainColumns(head, block, bit);
                }
            }
        }
    },
    /** Keeps each key of each row with a probability of one half. */
    RANDOM_BITS {
        @Override
        public void thin(AttentionMask mask, Random random) {
            for (int head = 0; head < mask.headCount(); head++) {
                for (int query = 0; query < mask.queryCount(); query++) {
                    for (int block = 0; block < mask.blockCount(); block++) {
                        mask.retain(head, query, block, random.nextLong());
                    }
                }
            }
        }
    },
    /** Treats heads differently: whole blocks, nothing, single keys, or half of the keys. */
    BY_HEAD {
        @Override
        public void thin(AttentionMask mask, Random random) {
            for (int head = 0; head < mask.headCount(); head++) {
                for (int block = 0; block < mask.blockCount(); block++) {
                    switch ((head + block) % 4) {
                        case 0 -> mask.removeBlock(head, block);
                        case 1 -> mask.retainColumns(head, block, 1L << random.nextInt(AttentionMask.BLOCK_KEYS));
                        case 2 -> mask.retainColumns(head, block, random.nextLong());
                        default -> {
                        }
                    }
                }
            }
        }
    },
    /** Keeps the last 100 keys of each row. */
    WINDOW {
        @Override
        public void thin(AttentionMask mask, Random random) {
            for (int head = 0; head < mask.headCount(); head++) {
                for (int query = 0; query < mask.queryCount(); query++) {
                    mask.removeRange(head, query, 0, mask.firstPosition() + query - 99);
                }
            }
        }
    },
    /** Takes all keys of every second row away; with a base other than CROSS, sealing gives such a row its own key back. */
    EMPTY_ROWS {
        @Override
        public void thin(AttentionMask mask, Random random) {
            for (int head = 0; head < mask.headCount(); head++) {
                for (int query = head % 2; query < mask.queryCount(); query += 2) {
                    mask.removeRange(head, query, 0, mask.keyCount());
                }
            }
        }
    };

    /** Removes keys from a mask, which is then to be sealed. */
    public abstract void thin(AttentionMask mask, Random random);
}
