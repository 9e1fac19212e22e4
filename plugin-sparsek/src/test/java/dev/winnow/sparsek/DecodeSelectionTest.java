package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.SimpleAttentionTile;
import dev.winnow.spi.contract.TestLayers;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The selections of decoding against scores computed in double precision. */
class DecodeSelectionTest {

    private static final int DIM = 40;
    private static final int KEYS = 1013;

    private final LayerSpec layer = TestLayers.layer(0, 3, 1, DIM, 0);
    private final Random random = new Random(17);
    private final AttentionMask mask = new AttentionMask();

    /** Refines the mask of the last position and returns the tile. */
    private SimpleAttentionTile decode(String settings, KvType type) {
        InMemoryKeyValues keyValues = TestTiles.clusteredKeys(random, type, DIM, KEYS);
        SimpleAttentionTile tile = TestTiles.tile(random, layer, keyValues, KEYS - 1, 1, false);
        MaskRefiner refiner = SparseKDefinitionTest.refiner(settings + ",sinks=16,recent=100,min-context=0", layer, KEYS);
        refiner.keysAppended(layer, 0, keyValues, 0, KEYS);
        mask.reset(MaskBase.CAUSAL, 3, KEYS - 1, 1, 0, KEYS);
        refiner.refine(tile, mask);
        return tile;
    }

    @ParameterizedTest
    @CsvSource({"16, 16, 300, 0", "16, 8, 300, 0", "16, 4, 300, 0", "32, 8, 300, 0", "64, 64, 400, 0", "64, 4, 400, 0", "16, 16, 300, 0.4",
            "16, 8, 110, 0"})
    void pagesKeepTheBestByMeanAndDeviation(int page, int summary, int budget, double fraction) {
        SimpleAttentionTile tile = decode(
                "decode=pages,page=" + page + ",summary=" + summary + ",budget=" + budget + ",budget-fraction=" + fraction, KvType.F16);
        int wanted = ((int) Math.max(budget, fraction * KEYS) - 116) / page;
        double[] scores = new double[KEYS / page];
        double spread = 0;
        for (int p = 0; p < scores.length; p++) {
            scores[p] = Double.NEGATIVE_INFINITY;
            for (int head = 0; head < 3; head++) {
                for (int from = p * page; from < (p + 1) * page; from += summary) {
                    scores[p] = Math.max(scores[p], meanAndDeviation(tile, head, from, summary));
                }
            }
            spread = Math.max(spread, Math.abs(scores[p]));
        }
        assertBestPages(page, Math.max(0, wanted), scores, 2e-3 * spread); // F16 keeps 11 bits of means and deviations
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void int8KeepsThePagesOfTheBestKeys(KvType type) {
        SimpleAttentionTile tile = decode("decode=int8,budget=300", type);
        assertBestPages(16, (300 - 116) / 16, bestKeyScores(tile, 16), 2 * int8Error(tile));
    }

    @Test
    void int8KeepsTheBestKeys() {
        SimpleAttentionTile tile = decode("decode=int8,page=1,budget=300", KvType.F16);
        assertBestPages(1, 300 - 116, bestKeyScores(tile, 1), 2 * int8Error(tile));
    }

    /** A score is off by at most half a step in every dimension: scale/2 · Σ|q|, with scale = max|k| / 127. */
    private static double int8Error(SimpleAttentionTile tile) {
        float[] key = new float[DIM];
        double largest = 0;
        for (int position = 0; position < KEYS; position++) {
            tile.keyValues().copyKey(position, key, 0);
            for (float element : key) {
                largest = Math.max(largest, Math.abs(element));
            }
        }
        double error = 0;
        for (int head = 0; head < 3; head++) {
            double sum = 0;
            for (int c = 0; c < DIM; c++) {
                sum += Math.abs(tile.queries()[tile.queryOffset(head, 0) + c]);
            }
            error = Math.max(error, sum * largest / 127 / 2);
        }
        return error;
    }

    private static double[] bestKeyScores(SimpleAttentionTile tile, int page) {
        double[] scores = new double[KEYS / 64 * 64 / page];
        for (int p = 0; p < scores.length; p++) {
            scores[p] = Double.NEGATIVE_INFINITY;
            for (int position = p * page; position < (p + 1) * page; position++) {
                for (int head = 0; head < 3; head++) {
                    scores[p] = Math.max(scores[p], TestTiles.score(tile, head, 0, position));
                }
            }
        }
        return scores;
    }

    private static double meanAndDeviation(SimpleAttentionTile tile, int head, int from, int count) {
        double score = 0;
        float[] key = new float[DIM];
        for (int c = 0; c < DIM; c++) {
            double sum = 0;
            double squares = 0;
            for (int position = from; position < from + count; position++) {
                tile.keyValues().copyKey(position, key, 0);
                sum += key[c];
                squares += (double) key[c] * key[c];
            }
            double mean = sum / count;
            double q = tile.queries()[tile.queryOffset(head, 0) + c];
            score += q * mean + Math.abs(q) * Math.sqrt(Math.max(0, squares / count - mean * mean));
        }
        return score;
    }

    /** Checks that all heads keep the forced keys and {@code wanted} other pages, none of which scores less than a removed one. */
    private void assertBestPages(int page, int wanted, double[] scores, double tolerance) {
        int kept = 0;
        double smallestKept = Double.POSITIVE_INFINITY;
        double largestRemoved = Double.NEGATIVE_INFINITY;
        for (int p = 0; p * page < KEYS; p++) {
            boolean forced = p * page < 16 || p >= scores.length || (p + 1) * page > KEYS - 100;
            boolean keeps = mask.keeps(0, 0, p * page);
            for (int key = p * page; key < Math.min((p + 1) * page, KEYS); key++) {
                for (int head = 0; head < 3; head++) {
                    assertEquals(keeps, mask.keeps(head, 0, key), "key " + key + " of head " + head);
                }
            }
            if (forced) {
                assertTrue(keeps, "page " + p + " is always kept");
            } else if (keeps) {
                kept++;
                smallestKept = Math.min(smallestKept, scores[p]);
            } else {
                largestRemoved = Math.max(largestRemoved, scores[p]);
            }
        }
        assertEquals(wanted, kept);
        assertTrue(smallestKept >= largestRemoved - tolerance, smallestKept + " was kept, " + largestRemoved + " removed");
    }

    @Test
    void strideAndTopKJoinTheFastSelections() {
        decode("decode=pages,top-k=32,stride=50", KvType.F16);
        int pages = 0;
        for (int key = 0; key < KEYS; key++) {
            assertTrue(key % 50 != 0 || mask.keeps(1, 0, key), "key " + key + " is a multiple of the stride");
            pages += key % 16 == 1 && key > 16 && key < 896 && mask.keeps(1, 0, key) && mask.keeps(1, 0, key + 1) ? 1 : 0;
        }
        assertEquals(2, pages, "two pages of 16 keys");
    }

    @ParameterizedTest
    @CsvSource({"decode=pages", "decode=int8"})
    void aForkNeedsNoReleasedPages(String settings) {
        InMemoryKeyValues keyValues = TestTiles.clusteredKeys(random, KvType.F16, DIM, KEYS);
        keyValues.release(5);
        MaskRefiner refiner = SparseKDefinitionTest.refiner(settings + ",budget=300,min-context=0", layer, KEYS);
        refiner.keysAppended(layer, 0, keyValues, 0, KEYS);
        mask.reset(MaskBase.CAUSAL, 3, KEYS - 1, 1, 320, KEYS);
        refiner.refine(TestTiles.tile(random, layer, keyValues, KEYS - 1, 1, false), mask);
        assertTrue(mask.keptKeys() < mask.baseKeys());
        assertEquals(0, mask.columns(0, 4));
    }

    @Test
    void belowTheGateNothingIsRemoved() {
        MaskRefiner refiner = SparseKDefinitionTest.refiner("selection=auto,budget=1500", layer, 8192);
        assertFalse(refiner.engages(layer, AttentionPhase.DECODE, 4499));
        assertTrue(refiner.engages(layer, AttentionPhase.DECODE, 4500));
        assertFalse(refiner.engages(layer, AttentionPhase.PREFILL, 1023));
        assertTrue(refiner.engages(layer, AttentionPhase.PREFILL, 1024));
        LayerSpec local = TestLayers.layer(0, 3, 1, DIM, 512);
        assertFalse(refiner.engages(local, AttentionPhase.PREFILL, 8000), "a layer with a short window stays as it is");
    }
}
