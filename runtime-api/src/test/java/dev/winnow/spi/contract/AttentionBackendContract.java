package dev.winnow.spi.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.KvType;
import dev.winnow.spi.MaskBase;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link AttentionBackend} has to satisfy. The measure is {@link NaiveAttention}, which reads the same stored keys and values, so that the rounding
 * of the storage format is not part of the difference.
 *
 * <p>The limits: values are at most 1 in size, so an output is, too. A score is a sum of up to 256 products that F32 arithmetic rounds to about 1e-6 of its
 * size, and scores stay below 16; an error of 2e-5 in a score changes a weight by that part of itself at most, and errors of different weights average out.
 * So F32 arithmetic stays below 2e-5 in the largest and 1e-10 in the mean squared error relative to the mean square (NMSE); llama.cpp's own test allows an
 * NMSE of 5e-4, which is the limit for a backend that computes in F16 and then overrides {@link #nmseLimit()} and {@link #absoluteLimit()}.
 */
public abstract class AttentionBackendContract {

    @SuppressWarnings("NullAway.Init") // set before each test
    private AttentionBackend backend;

    /** Returns a new backend. */
    protected abstract AttentionBackend create(BackendContext context);

    /** Returns the limit of the mean squared error relative to the mean square of the output. */
    protected double nmseLimit() {
        return 1e-10;
    }

    /** Returns the limit of the largest error for values of at most 1. */
    protected double absoluteLimit() {
        return 2e-5;
    }

    @BeforeEach
    final void createBackend() {
        backend = create(new BackendContext(2));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 33, 40, 64, 72, 80, 96, 112, 127, 128, 192, 256, 320})
    void headDimensions(int dim) {
        for (KvType type : KvType.values()) {
            for (int queries : new int[]{1, 4, 19}) {
                check(AttentionCase.of(type, dim, 3, queries, 150), MaskBase.CAUSAL, MaskPattern.NONE);
                check(AttentionCase.of(type, dim, 2, queries, 150), MaskBase.CAUSAL, MaskPattern.STRIDE);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"192,128", "128,192", "64,40", "40,64", "1,256", "96,7"})
    void differentDimensionsOfKeysAndValues(int keyDim, int valueDim) {
        for (KvType type : KvType.values()) {
            for (int queries : new int[]{1, 2, 64}) {
                check(new AttentionCase(type, keyDim, valueDim, 2, 130 - queries, queries, 130, 0), MaskBase.CAUSAL, MaskPattern.NONE);
                check(new AttentionCase(type, keyDim, valueDim, 2, 130 - queries, queries, 130, 0), MaskBase.CAUSAL,
                        MaskPattern.RANDOM_BITS);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 16})
    void headsInGroup(int heads) {
        for (KvType type : KvType.values()) {
            for (int queries : new int[]{1, 2, 3, 5, 64}) {
                check(AttentionCase.of(type, 64, heads, queries, 200), MaskBase.CAUSAL, MaskPattern.NONE);
                check(AttentionCase.of(type, 48, heads, queries, 200), MaskBase.CAUSAL, MaskPattern.BY_HEAD);
            }
        }
    }

    @Test
    void everyNumberOfQueries() {
        for (int queries = 1; queries <= AttentionTile.MAX_POSITIONS; queries++) {
            check(AttentionCase.of(KvType.F16, 64, 2, queries, 200), MaskBase.CAUSAL, MaskPattern.NONE);
            check(AttentionCase.of(KvType.F16, 64, 2, queries, 200), MaskBase.BIDIRECTIONAL, MaskPattern.RANDOM_BITS);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 17, 63, 64, 65, 113, 127, 128, 129, 512, 1023, 1024, 1025})
    void everyNumberOfKeys(int keys) {
        for (KvType type : KvType.values()) {
            for (MaskBase base : MaskBase.values()) {
                check(AttentionCase.of(type, 64, 3, 1, keys), base, MaskPattern.NONE);
                check(AttentionCase.of(type, 64, 3, Math.min(keys, 40), keys), base, MaskPattern.NONE);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void patterns(MaskPattern pattern) {
        for (KvType type : KvType.values()) {
            for (MaskBase base : MaskBase.values()) {
                for (int queries : new int[]{1, 2, 4, 7, 64}) {
                    check(AttentionCase.of(type, 64, 3, queries, 1000), base, pattern);
                    check(new AttentionCase(type, 80, 80, 4, 300, queries, 900, 0), base, pattern);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {1, 10, 50})
    void softcap(float cap) {
        for (KvType type : KvType.values()) {
            for (int queries : new int[]{1, 3, 64}) {
                check(AttentionCase.of(type, 256, 2, queries, 333).withSoftcap(cap), MaskBase.CAUSAL, MaskPattern.NONE);
                check(AttentionCase.of(type, 40, 3, queries, 333).withSoftcap(cap), MaskBase.CAUSAL, MaskPattern.BY_HEAD);
            }
        }
    }

    @Test
    void sinksJoinTheDenominator() {
        for (int queries : new int[]{1, 9}) {
            AttentionCase shape = AttentionCase.of(KvType.F16, 64, 3, queries, 200);
            SimpleAttentionTile tile = shape.tile(7, 4);
            AttentionMask mask = shape.mask(MaskBase.CROSS, tile);
            MaskPattern.EMPTY_ROWS.thin(mask, new Random(7));
            mask.seal();
            float[] sinks = {-3, 0, 10};
            double[][] expected = NaiveAttention.attend(tile, mask, sinks);
            assertClose("sinks, " + shape, expected, finished(tile, attend(backend, tile, mask, 0, mask.blockCount()), sinks));
        }
    }

    @Test
    void rowsWithoutKeysStayEmpty() {
        for (int queries : new int[]{1, 2, 33}) {
            AttentionCase shape = AttentionCase.of(KvType.F16, 64, 3, queries, 300);
            SimpleAttentionTile tile = shape.tile(11, 4);
            AttentionMask mask = shape.mask(MaskBase.CROSS, tile);
            MaskPattern.EMPTY_ROWS.thin(mask, new Random(11));
            mask.seal();
            AttentionAccumulator result = attend(backend, tile, mask, 0, mask.blockCount());
            for (int head = 0; head < shape.heads(); head++) {
                for (int query = head % 2; query < queries; query += 2) {
                    int row = head * queries + query;
                    assertEquals(Float.NEGATIVE_INFINITY, result.max()[row]);
                    assertEquals(0, result.sum()[row]);
                    for (int c = 0; c < shape.valueDim(); c++) {
                        assertEquals(0, result.values()[row * shape.valueDim() + c]);
                    }
                }
            }
        }
    }

    @Test
    void largeScoresDoNotOverflow() {
        for (int queries : new int[]{1, 20}) {
            AttentionCase shape = AttentionCase.of(KvType.F16, 64, 2, queries, 200);
            // Scores up to ±1000 leave one or two keys with nearly all weight. Each is rounded by up to 1e-3, so that weights, and with them outputs, are off by
            // up to 2e-3 of themselves.
            SimpleAttentionTile tile = shape.tile(5, 1000);
            AttentionMask mask = shape.mask(MaskBase.CAUSAL, tile);
            mask.seal();
            double[][] expected = NaiveAttention.attend(tile, mask);
            float[][] actual = finished(tile, attend(backend, tile, mask, 0, mask.blockCount()));
            for (int row = 0; row < expected.length; row++) {
                for (int c = 0; c < expected[row].length; c++) {
                    assertEquals(expected[row][c], actual[row][c], 2e-3);
                }
            }
        }
    }

    /** A NaN among weights is not to end in an answer that looks sound. Both signs: that which processors make themselves is the negative one. */
    @ParameterizedTest
    @ValueSource(ints = {0x7fc00000, 0xffc00000, 0xffffffff})
    void nanQueriesMakeTheirRowsNaN(int bits) {
        for (KvType type : KvType.values()) {
            for (int queries : new int[]{1, 2, 40}) {
                for (float softcap : new float[]{0, 10}) {
                    AttentionCase shape = AttentionCase.of(type, 64, 3, queries, 300).withSoftcap(softcap);
                    SimpleAttentionTile tile = shape.tile(29, 4);
                    tile.queries()[tile.queryOffset(1, queries / 2) + 5] = Float.intBitsToFloat(bits);
                    AttentionMask mask = sealedMask(shape, tile, MaskBase.CAUSAL, MaskPattern.STRIDE, 29);
                    assertNaNRows(tile, mask);
                }
            }
        }
    }

    /** In F32, the only storage format that keeps a NaN: of one key among others, and of all keys of the first block. */
    @ParameterizedTest
    @CsvSource({"70,71", "0,64"})
    void nanKeysMakeRowsThatKeepThemNaN(int from, int to) {
        for (int queries : new int[]{1, 2, 40}) {
            AttentionCase shape = AttentionCase.of(KvType.F32, 64, 3, queries, 300);
            SimpleAttentionTile sound = shape.tile(31, 4);
            InMemoryKeyValues keyValues = new InMemoryKeyValues(KvType.F32, 64, 64);
            float[] key = new float[64];
            float[] value = new float[64];
            for (int position = 0; position < shape.keys(); position++) {
                sound.keyValues().copyKey(position, key, 0);
                sound.keyValues().copyValue(position, value, 0);
                key[5] = position >= from && position < to ? Float.NaN : key[5];
                keyValues.append(key, 0, value, 0);
            }
            SimpleAttentionTile tile = new SimpleAttentionTile(sound.layer(), sound.kvHead(), sound.firstPosition(), queries,
                    sound.queries(), sound.gap(), keyValues, 0);
            AttentionMask mask = shape.mask(MaskBase.CAUSAL, tile);
            for (int query = 0; query < queries; query += 2) {
                mask.removeRange(1, query, from, to); // of which the row without these keys has to know nothing
            }
            mask.seal();
            assertNaNRows(tile, mask);
        }
    }

    /** Compares a result that has NaN, computed as a whole and in two parts. */
    private void assertNaNRows(SimpleAttentionTile tile, AttentionMask mask) {
        double[][] expected = NaiveAttention.attend(tile, mask);
        AttentionAccumulator merged = attend(backend, tile, mask, 0, 2);
        merged.merge(attend(backend, tile, mask, 2, mask.blockCount()));
        for (float[][] actual : List.of(finished(tile, attend(backend, tile, mask, 0, mask.blockCount())), finished(tile, merged))) {
            for (int row = 0; row < expected.length; row++) {
                for (int c = 0; c < expected[row].length; c++) {
                    assertEquals(expected[row][c], actual[row][c], absoluteLimit(), "row " + row + ", " + tile.keyValues().type());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void partsMergeIntoTheWhole(MaskPattern pattern) {
        for (int queries : new int[]{1, 3, 40}) {
            AttentionCase shape = AttentionCase.of(KvType.F16, 64, 3, queries, 1500);
            SimpleAttentionTile tile = shape.tile(13, 4);
            AttentionMask mask = sealedMask(shape, tile, MaskBase.CROSS, pattern, 13);
            AttentionAccumulator merged = new AttentionAccumulator();
            merged.reset(shape.heads() * queries, shape.valueDim());
            int blocks = mask.blockCount();
            int[] cuts = {0, 1, 2, 9, 9, 16, blocks};
            for (int i = 1; i < cuts.length; i++) {
                merged.merge(attend(backend, tile, mask, cuts[i - 1], cuts[i]));
            }
            assertClose("merged parts, " + pattern + ", " + shape, NaiveAttention.attend(tile, mask), finished(tile, merged));
        }
    }

    @Test
    void releasedPagesAreNotRead() {
        for (int queries : new int[]{1, 3, 40}) {
            AttentionCase shape = AttentionCase.of(KvType.F16, 64, 3, queries, 700);
            SimpleAttentionTile tile = shape.tile(17, 4);
            ((InMemoryKeyValues) tile.keyValues()).release(5);
            AttentionMask mask = sealedMask(shape, tile, MaskBase.CAUSAL, MaskPattern.NONE, 17);
            assertClose("released pages, " + shape, NaiveAttention.attend(tile, mask),
                    finished(tile, attend(backend, tile, mask, 0, mask.blockCount())));
        }
    }

    @ParameterizedTest
    @EnumSource
    void pagesOnTheJavaHeap(KvType type) {
        for (int queries : new int[]{1, 40}) {
            AttentionCase shape = AttentionCase.of(type, 64, 3, queries, 700);
            SimpleAttentionTile outside = shape.tile(19, 4);
            SimpleAttentionTile tile = new SimpleAttentionTile(outside.layer(), outside.kvHead(), outside.firstPosition(), queries,
                    outside.queries(), outside.gap(), shape.keyValues(new Random(19), true), 1);
            AttentionMask mask = sealedMask(shape, tile, MaskBase.CAUSAL, MaskPattern.BY_HEAD, 19);
            assertClose("pages on the heap, " + shape, NaiveAttention.attend(tile, mask),
                    finished(tile, attend(backend, tile, mask, 0, mask.blockCount())));
        }
    }

    /** Law 1: a refiner that writes words and removes nothing changes no bit of the result; neither do the worker and what it computed before. */
    @Test
    void resultIsTheSameBitForBit() {
        for (int queries : new int[]{1, 4, 50}) {
            AttentionCase shape = AttentionCase.of(KvType.F16, 64, 3, queries, 500);
            SimpleAttentionTile tile = shape.tile(23, 4);
            AttentionMask plain = sealedMask(shape, tile, MaskBase.CAUSAL, MaskPattern.NONE, 23);
            AttentionMask touched = shape.mask(MaskBase.CAUSAL, tile);
            for (int head = 0; head < shape.heads(); head++) {
                for (int block = 0; block < touched.blockCount(); block++) {
                    touched.retain(head, 0, block, touched.word(head, 0, block));
                    touched.remove(head, 0, block, 0);
                }
            }
            touched.seal();
            AttentionAccumulator first = attend(backend, tile, plain, 0, plain.blockCount());
            AttentionAccumulator second = attend(backend, tile, touched, 0, plain.blockCount());
            check(AttentionCase.of(KvType.F32, 40, 2, 7, 99), MaskBase.CAUSAL, MaskPattern.STRIDE);
            SimpleAttentionTile onOtherWorker = new SimpleAttentionTile(tile.layer(), tile.kvHead(), tile.firstPosition(), queries,
                    tile.queries(),
                    tile.gap(), tile.keyValues(), 1);
            AttentionAccumulator third = attend(backend, onOtherWorker, plain, 0, plain.blockCount());
            assertSameBits(first, second);
            assertSameBits(first, third);
        }
    }

    /** The form and the limit of llama.cpp's test-backend-ops for FLASH_ATTN_EXT: uniform Q, K and V in −1…1, blocks of the mask all kept or all removed. */
    @ParameterizedTest
    @CsvSource({"40,113,1", "64,113,3", "64,512,32", "72,512,1", "80,1024,32", "96,113,75", "112,512,3", "128,512,1", "128,1024,75",
            "192,113,32",
            "256,512,75", "512,512,3"})
    void flashAttentionOfBackendOperations(int dim, int keys, int positions) {
        for (KvType type : KvType.values()) {
            for (int heads : new int[]{1, 4}) {
                for (float softcap : new float[]{0, 10}) {
                    for (int from = 0; from < positions; from += AttentionTile.MAX_POSITIONS) {
                        int queries = Math.min(AttentionTile.MAX_POSITIONS, positions - from);
                        AttentionCase shape = new AttentionCase(type, dim, dim, heads, 0, queries, keys, softcap);
                        SimpleAttentionTile tile = shape.tile(from + dim, 1);
                        AttentionMask mask = shape.mask(MaskBase.CROSS, tile);
                        Random random = new Random(from + dim);
                        for (int removals = keys * queries * heads / (5 * 128 * 64) + 1; removals > 0; removals--) {
                            int head = random.nextInt(heads);
                            int key = random.nextInt(keys);
                            for (int query = 0; query < queries; query++) {
                                mask.removeRange(head, query, key, key + 128);
                            }
                        }
                        mask.seal();
                        assertClose("" + shape, NaiveAttention.attend(tile, mask),
                                finished(tile, attend(backend, tile, mask, 0, mask.blockCount())));
                    }
                }
            }
        }
    }

    private void check(AttentionCase shape, MaskBase base, MaskPattern pattern) {
        long seed = shape.hashCode() * 31L + pattern.ordinal();
        SimpleAttentionTile tile = shape.tile(seed, 4);
        AttentionMask mask = sealedMask(shape, tile, base, pattern, seed);
        AttentionAccumulator result = attend(backend, tile, mask, 0, mask.blockCount());
        assertClose(base + ", " + pattern + ", " + shape, NaiveAttention.attend(tile, mask), finished(tile, result));
    }

    private static AttentionMask sealedMask(AttentionCase shape, AttentionTile tile, MaskBase base, MaskPattern pattern, long seed) {
        AttentionMask mask = shape.mask(base, tile);
        pattern.thin(mask, new Random(seed));
        mask.seal();
        return mask;
    }

    /** Returns the result in an accumulator that held no numbers before. */
    private static AttentionAccumulator attend(AttentionBackend backend, AttentionTile tile, AttentionMask mask, int firstBlock,
            int endBlock) {
        AttentionAccumulator result = new AttentionAccumulator();
        result.reset(tile.headCount() * tile.positionCount(), tile.keyValues().valueDim());
        Arrays.fill(result.max(), Float.NaN);
        Arrays.fill(result.sum(), Float.NaN);
        Arrays.fill(result.values(), Float.NaN);
        backend.attend(tile, mask, firstBlock, endBlock, result);
        return result;
    }

    private static float[][] finished(AttentionTile tile, AttentionAccumulator result, float... sinks) {
        float[][] output = new float[result.rows()][result.valueDim()];
        for (int row = 0; row < output.length; row++) {
            result.finish(row, sinks.length == 0 ? Float.NEGATIVE_INFINITY : sinks[row / tile.positionCount()], output[row], 0);
        }
        return output;
    }

    private void assertClose(String message, double[][] expected, float[][] actual) {
        double error = 0;
        double square = 0;
        double largest = 0;
        for (int row = 0; row < expected.length; row++) {
            for (int c = 0; c < expected[row].length; c++) {
                double difference = expected[row][c] - actual[row][c];
                assertTrue(Double.isFinite(difference), () -> message + ": the output is not finite");
                error += difference * difference;
                square += expected[row][c] * expected[row][c];
                largest = Math.max(largest, Math.abs(difference));
            }
        }
        double nmse = error == 0 ? 0 : error / square;
        double absolute = largest;
        assertTrue(nmse <= nmseLimit() && absolute <= absoluteLimit(),
                () -> message + ": NMSE " + nmse + " (limit " + nmseLimit() + "), largest error " + absolute + " (limit " + absoluteLimit()
                        + ")");
    }

    private static void assertSameBits(AttentionAccumulator first, AttentionAccumulator second) {
        int rows = first.rows();
        int elements = rows * first.valueDim();
        assertArrayEquals(Arrays.copyOf(first.max(), rows), Arrays.copyOf(second.max(), rows));
        assertArrayEquals(Arrays.copyOf(first.sum(), rows), Arrays.copyOf(second.sum(), rows));
        assertArrayEquals(Arrays.copyOf(first.values(), elements), Arrays.copyOf(second.values(), elements));
    }
}
