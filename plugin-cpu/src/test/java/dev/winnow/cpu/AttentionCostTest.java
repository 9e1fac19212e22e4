package dev.winnow.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KvType;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.contract.AttentionCase;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.SimpleAttentionTile;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The law of attention's cost, in counted work: it is proportional to the number of keys that a head keeps for at least one row, whatever their pattern. */
final class AttentionCostTest {

    private static final int HEADS = 3;
    private static final int KEYS = 64 * 200;

    @BeforeEach
    void requireVectors() {
        CpuAttentionTest.assumeAvailable();
    }

    @Test
    void manyQueriesSameKeysForAllHeads() {
        Random random = new Random(1);
        assertCost(40, (head, block) -> block % 8 == 0 ? -1L : 0);
        assertCost(40, (head, block) -> 0xFFFFL << (16 * (block % 4)));
        assertCost(40, (head, block) -> 0x0101010101010101L);
        assertCost(40, (head, block) -> 1L << (block % 64));
        long[] bits = random.longs(KEYS / 64).toArray();
        assertCost(40, (head, block) -> bits[block]);
        assertCost(40, (head, block) -> bits[block] | bits[block] << 1); // three quarters of the keys
    }

    @Test
    void manyQueriesOtherKeysForEachHead() {
        assertCost(40, (head, block) -> block % HEADS == head ? -1L : 0);
        assertCost(40, (head, block) -> block % HEADS == head ? 0xFF00L : 0);
        assertCost(40, (head, block) -> 1L << ((block + 5 * head) % 64));
        assertCost(40, (head, block) -> head == 0 ? -1L : 1L << block % 64);
        assertCost(40, (head, block) -> head == 0 ? 0xFF : 0);
    }

    @Test
    void fewQueriesReadGroupsOfSixteenKeys() {
        for (int queries = 1; queries <= FewQueriesAttention.MAX_QUERIES; queries++) {
            int registers = (HEADS * queries + 3) / 4;
            assertEquals(registers * KEYS, computed(queries, (head, block) -> -1L));
            assertEquals(registers * KEYS / 8, computed(queries, (head, block) -> block % 8 == 0 ? -1L : 0));
            assertEquals(registers * KEYS / 4, computed(queries, (head, block) -> 0xFFFFL << (16 * (block % 4))));
            assertEquals(registers * KEYS / 4, computed(queries, (head, block) -> 1L << block % 64));
        }
    }

    @Test
    void emptyBlocksAreNotRead() {
        for (int queries : new int[]{1, 40}) {
            AttentionCase shape = AttentionCase.of(KvType.F16, 32, HEADS, queries, 64 * 10);
            SimpleAttentionTile tile = shape.tile(1, 1);
            AttentionMask mask = shape.mask(MaskBase.CROSS, tile);
            for (int head = 0; head < HEADS; head++) {
                mask.removeBlocks(head, 0, 7);
            }
            mask.seal();
            ((InMemoryKeyValues) tile.keyValues()).release(7); // reading a released page throws
            AttentionAccumulator result = new AttentionAccumulator();
            result.reset(HEADS * queries, 32);
            new CpuAttention(1, 0).attend(tile, mask, 0, mask.blockCount(), result);
            assertTrue(result.sum()[0] > 0);
        }
    }

    /** A cell is computed densely from 49 live keys on, heads share copies if a quarter is computed in vain at most; the last gathered block may be short. */
    private static void assertCost(int queries, Columns columns) {
        long live = 0;
        for (int block = 0; block < KEYS / 64; block++) {
            for (int head = 0; head < HEADS; head++) {
                live += Long.bitCount(columns.of(head, block));
            }
        }
        long computed = computed(queries, columns);
        assertTrue(computed >= live, () -> "no key is left out");
        long limit = live * 4 / 3;
        assertTrue(computed <= limit, () -> computed + " keys computed, limit " + limit);
    }

    private static long computed(int queries, Columns columns) {
        AttentionCase shape = AttentionCase.of(KvType.F16, 8, HEADS, queries, KEYS);
        SimpleAttentionTile tile = shape.tile(1, 1);
        AttentionMask mask = shape.mask(MaskBase.CROSS, tile);
        for (int block = 0; block < mask.blockCount(); block++) {
            for (int head = 0; head < HEADS; head++) {
                mask.retainColumns(head, block, columns.of(head, block));
            }
        }
        mask.seal();
        CpuAttention backend = new CpuAttention(1, 0);
        AttentionAccumulator result = new AttentionAccumulator();
        result.reset(HEADS * queries, 8);
        backend.attend(tile, mask, 0, mask.blockCount(), result);
        return backend.computedKeys() + backend.computedKeysOfFewQueries();
    }

    /** The live keys of a head in a block. */
    private interface Columns {
        long of(int head, int block);
    }
}
