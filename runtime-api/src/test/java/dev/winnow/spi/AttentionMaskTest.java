package dev.winnow.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Every reader and mutator of {@link AttentionMask} against {@link NaiveMask}, for all bases and shapes. */
class AttentionMaskTest {

    @Provide
    Arbitrary<MaskShape> shapes() {
        return Combinators
                .combine(Arbitraries.of(MaskBase.class), Arbitraries.integers().between(1, 8), Arbitraries.integers().between(1, 64),
                        Arbitraries.integers().between(0, 236), Arbitraries.integers().between(1, 300),
                        Arbitraries.integers().between(0, 4))
                .as((base, heads, queries, firstPosition, keys, firstBlock) -> {
                    int keyCount = base == MaskBase.CROSS ? keys : Math.max(keys, firstPosition + queries);
                    int blocks = (base == MaskBase.CAUSAL ? firstPosition : keyCount) / 64;
                    return new MaskShape(base, heads, firstPosition, queries, 64 * Math.min(firstBlock, blocks), keyCount);
                });
    }

    @Provide
    Arbitrary<MaskOperation> operations() {
        Arbitrary<Long> bits = Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.of(0L, -1L, 1L, Long.MIN_VALUE));
        return Combinators.combine(Arbitraries.of(MaskOperation.Kind.class), Arbitraries.integers().between(0, 7),
                Arbitraries.integers().between(0, 63), Arbitraries.integers().between(0, 4), Arbitraries.integers().between(0, 1000),
                Arbitraries.integers().between(0, 1000), bits).as(MaskOperation::new);
    }

    @Property(tries = 500)
    void startsAtItsBase(@ForAll("shapes") MaskShape shape) {
        AttentionMask mask = new AttentionMask();
        shape.reset(mask);
        NaiveMask naive = new NaiveMask(shape);
        assertSame(naive, mask, shape);
        assertEquals(naive.keptKeys(), mask.baseKeys());
        assertEquals(shape, new MaskShape(mask.base(), mask.headCount(), mask.firstPosition(), mask.queryCount(), shape.firstKey(),
                mask.keyCount()));
    }

    @Property(tries = 500)
    void equalsPlainBooleansAfterAnyOperations(@ForAll("shapes") MaskShape shape,
            @ForAll @Size(max = 20) List<@From("operations") MaskOperation> operations) {
        AttentionMask mask = new AttentionMask();
        shape.reset(mask);
        NaiveMask naive = new NaiveMask(shape);
        for (MaskOperation operation : operations) {
            MaskOperation fitted = operation.fit(shape);
            fitted.apply(mask);
            fitted.apply(naive, shape.blocks());
            if (operation.bits() % 3 == 0) {
                assertSame(naive, mask, shape); // readers refresh what they read, which must not disturb what follows
            }
        }
        assertSame(naive, mask, shape);
        mask.seal();
        naive.seal();
        assertSame(naive, mask, shape);
    }

    @Property(tries = 200)
    void onlyShrinks(@ForAll("shapes") MaskShape shape, @ForAll("operations") MaskOperation first,
            @ForAll("operations") MaskOperation second) {
        AttentionMask mask = new AttentionMask();
        shape.reset(mask);
        first.fit(shape).apply(mask);
        AttentionMask before = new AttentionMask();
        shape.reset(before);
        first.fit(shape).apply(before);
        second.fit(shape).apply(mask);
        for (int head = 0; head < shape.heads(); head++) {
            for (int query = 0; query < shape.queries(); query++) {
                for (int block = 0; block < shape.blocks(); block++) {
                    assertEquals(0, mask.word(head, query, block) & ~before.word(head, query, block));
                }
            }
        }
        assertTrue(mask.keptKeys() <= before.keptKeys());
    }

    @Property(tries = 200)
    void operationsCommute(@ForAll("shapes") MaskShape shape, @ForAll @Size(max = 12) List<@From("operations") MaskOperation> operations,
            @ForAll Random random) {
        AttentionMask mask = new AttentionMask();
        shape.reset(mask);
        operations.forEach(operation -> operation.fit(shape).apply(mask));
        List<MaskOperation> shuffled = new ArrayList<>(operations);
        Collections.shuffle(shuffled, random);
        AttentionMask other = new AttentionMask();
        shape.reset(other);
        shuffled.forEach(operation -> operation.fit(shape).apply(other));
        mask.seal();
        other.seal();
        assertEquals(mask.toString(), other.toString());
        assertEquals(mask.keptKeys(), other.keptKeys());
    }

    @Property(tries = 200)
    void contentRefinersChooseFromWhatPositionsLeft(@ForAll("shapes") MaskShape shape,
            @ForAll @Size(max = 8) List<@From("operations") MaskOperation> positional,
            @ForAll @Size(max = 8) List<@From("operations") MaskOperation> content) {
        AttentionMask mask = new AttentionMask();
        shape.reset(mask);
        NaiveMask naive = new NaiveMask(shape);
        for (MaskOperation operation : positional) {
            operation.fit(shape).apply(mask);
            operation.fit(shape).apply(naive, shape.blocks());
        }
        assertCandidates(naive, mask, shape);
        mask.beginContent();
        content.forEach(operation -> operation.fit(shape).apply(mask));
        assertCandidates(naive, mask, shape);
        shape.reset(mask);
        assertCandidates(new NaiveMask(shape), mask, shape);
    }

    private static void assertCandidates(NaiveMask naive, AttentionMask mask, MaskShape shape) {
        for (int head = 0; head < shape.heads(); head++) {
            for (int block = 0; block < shape.blocks(); block++) {
                assertEquals(naive.state(head, block), mask.candidateState(head, block));
                for (int query = 0; query < shape.queries(); query++) {
                    assertEquals(naive.word(head, query, block), mask.candidates(head, query, block));
                }
            }
        }
    }

    @Property(tries = 100)
    void isReusable(@ForAll("shapes") MaskShape first, @ForAll("operations") MaskOperation operation, @ForAll("shapes") MaskShape second) {
        AttentionMask mask = new AttentionMask();
        first.reset(mask);
        operation.fit(first).apply(mask);
        mask.seal();
        second.reset(mask);
        assertSame(new NaiveMask(second), mask, second);
    }

    @Test
    void sealGivesEachEmptyRowItsOwnKey() {
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 2, 60, 10, 0, 70);
        mask.removeBlocks(0, 0, 2);
        mask.removeRange(1, 3, 0, 70);
        mask.seal();
        for (int query = 0; query < 10; query++) {
            assertTrue(mask.keeps(0, query, 60 + query));
        }
        assertTrue(mask.keeps(1, 3, 63));
        assertEquals(10 + 1 + mask.baseKeys() / 2 - 64, mask.keptKeys());
        mask.reset(MaskBase.CROSS, 1, 60, 10, 0, 70);
        mask.removeBlocks(0, 0, 2);
        mask.seal();
        assertEquals(0, mask.keptKeys());
    }

    @Test
    void rejectsShapesThatMakeNoSense() {
        AttentionMask mask = new AttentionMask();
        assertThrows(IllegalArgumentException.class, () -> mask.reset(MaskBase.CAUSAL, 0, 0, 1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> mask.reset(MaskBase.CAUSAL, 1, 0, 65, 0, 65));
        assertThrows(IllegalArgumentException.class, () -> mask.reset(MaskBase.CAUSAL, 1, 5, 1, 0, 5));
        assertThrows(IllegalArgumentException.class, () -> mask.reset(MaskBase.CAUSAL, 1, 64, 1, 63, 65));
        assertThrows(IllegalArgumentException.class, () -> mask.reset(MaskBase.CAUSAL, 1, 64, 1, -64, 65));
    }

    @Test
    void drawsItself() {
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 1, 1, 2, 0, 4);
        mask.removeRange(0, 1, 1, 2);
        assertEquals("CAUSAL, 1 heads, queries 1 to 2, 4 keys\nhead 0 query 1: ##..\nhead 0 query 2: #.#.", mask.toString());
        mask.reset(MaskBase.CAUSAL, 1, 299, 1, 64, 300);
        mask.removeRange(0, 0, 130, 140);
        assertEquals("CAUSAL, 1 heads, queries 299 to 299, 300 keys\nhead 0 query 299: .#+##", mask.toString());
    }

    @Test
    void allocatesNothingAfterWarmUp() {
        AttentionMask mask = new AttentionMask();
        long[] target = new long[64];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        for (int round = 0; round < 20; round++) {
            if (round == 10) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            useEverything(mask, target);
        }
        long after = threads.getCurrentThreadAllocatedBytes();
        assertTrue(after - before < 1024, "allocated " + (after - before) + " bytes in 10 rounds"); // the counter itself may allocate
    }

    private static void useEverything(AttentionMask mask, long[] target) {
        for (int first = 0; first < 1024; first += 64) {
            mask.reset(MaskBase.CAUSAL, 3, first, 64, 0, first + 64);
            mask.removeKeys(0, 5, first - 100);
            mask.removeRange(1, 3, 0, 40);
            mask.retainRange(1, 4, 3, 40);
            mask.beginContent();
            mask.retainColumns(2, 0, mask.candidates(2, 5, 0) & 0x5555);
            mask.remove(2, 1, 0, 1);
            mask.removeBlock(0, 0);
            mask.seal();
            mask.copyWords(0, 0, target, 0);
            mask.keptKeys();
        }
    }

    private static void assertSame(NaiveMask naive, AttentionMask mask, MaskShape shape) {
        long[] copied = new long[shape.queries() + 2];
        for (int head = 0; head < shape.heads(); head++) {
            for (int block = 0; block < shape.blocks(); block++) {
                mask.copyWords(head, block, copied, 1);
                for (int query = 0; query < shape.queries(); query++) {
                    long expected = naive.word(head, query, block);
                    assertEquals(expected, mask.word(head, query, block));
                    assertEquals(expected, copied[query + 1]);
                    int key = Math.min(block * 64 + query, shape.keys() - 1);
                    assertEquals(naive.keeps(head, query, key), mask.keeps(head, query, key));
                }
                assertEquals(naive.state(head, block), mask.state(head, block));
                assertEquals(naive.columns(head, block), mask.columns(head, block));
            }
        }
        assertEquals(naive.keptKeys(), mask.keptKeys());
    }
}
