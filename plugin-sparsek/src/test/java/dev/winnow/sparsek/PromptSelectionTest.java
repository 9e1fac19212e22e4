package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.SimpleAttentionTile;
import dev.winnow.spi.contract.TestLayers;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The selections of prompts against masses computed in double precision from their formulas: what a head keeps must be the fewest pages with the part tau of the mass.
 */
class PromptSelectionTest {

    /** The sums of F32, and summaries rounded to F16 (2⁻¹¹ of values up to 5, products over 2 · 32 dimensions), move masses by less than this part. */
    private static final double ROUNDING = 0.02;

    /** Estimates the masses of a head's pages. */
    private interface Formula {
        void addMass(SimpleAttentionTile tile, MaskBase base, int head, double[] mass);
    }

    @ParameterizedTest
    @CsvSource({"4, 512, 64", "8, 512, 64", "8, 500, 50", "8, 448, 3", "16, 512, 64", "16, 450, 33", "32, 448, 64", "64, 512, 64"})
    void xattentionSumsAntidiagonals(int group, int first, int queries) {
        check("selection=xattention,sinks=64,group=" + group, 0.7, first, queries, 64, 64, 0, (tile, base, head, mass) -> {
            int pairs = Math.min(group, queries);
            for (int index = 0; index * group < queries; index++) {
                int start = Math.max(0, Math.min(index * group, queries - group));
                int last = first + start + pairs - 1;
                double[] scores = new double[tile.keyValues().keyCount() / group];
                int visible = base == MaskBase.CAUSAL ? Math.min(scores.length, (last + 1) / group) : scores.length;
                for (int b = 0; b < visible; b++) {
                    for (int t = 0; t < group; t++) {
                        scores[b] += TestTiles.score(tile, head, start + pairs - 1 - t % pairs, b * group + t);
                    }
                    scores[b] *= tile.layer().attention().scale() / group;
                }
                addSoftmax(scores, visible, 64 / group, mass);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"512, 64, 64, 64", "500, 50, 64, 64", "512, 64, 4, 64", "490, 60, 4, 16", "512, 64, 8, 64", "500, 3, 16, 64"})
    void blocksScoreMeans(int first, int queries, int page, int sampled) {
        String settings = "selection=blocks,sinks=64,block=" + page + ",sampled-rows=" + sampled;
        check(settings, 0.6, first, queries, page, 64, 0, (tile, base, head, mass) -> {
            int rows = Math.min(sampled, queries);
            for (int row = 0; row < rows; row++) {
                int query = (row + 1) * queries / rows - 1;
                double[] scores = new double[tile.keyValues().keyCount() / page];
                for (int p = 0; p < scores.length; p++) {
                    scores[p] = moment(tile, head, query, p * page, page, false);
                }
                addSoftmax(scores, visible(base, first + query, page, scores.length), 1, mass);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"512, 64, 16, 16", "490, 60, 16, 16", "490, 60, 16, 4", "512, 64, 32, 8", "448, 2, 64, 64"})
    void pagesScoreMeansAndVariancesOfSampledQueries(int first, int queries, int page, int summary) {
        check("selection=pages,sinks=64,recent=64,page=" + page + ",summary=" + summary, 0.6, first, queries, page, 64, 64,
                (tile, base, head, mass) -> {
                    int rows = Math.min(8, queries);
                    for (int row = 0; row < rows; row++) {
                        int query = (row + 1) * queries / rows - 1;
                        double[] scores = new double[tile.keyValues().keyCount() / summary];
                        for (int i = 0; i < scores.length; i++) {
                            scores[i] = moment(tile, head, query, i * summary, summary, true);
                        }
                        addSoftmax(scores, visible(base, first + query, summary, scores.length), page / summary, mass);
                    }
                });
    }

    private static int visible(MaskBase base, int position, int page, int pages) {
        return base == MaskBase.CAUSAL ? Math.min(pages, position / page + 1) : pages;
    }

    /** s·q·mean + s²·Σ q²·variance / 2 over the keys of a page; the mean score, and half the sum of the dimensions' variances. */
    private static double moment(SimpleAttentionTile tile, int head, int query, int from, int count, boolean withVariance) {
        int dim = tile.layer().attention().keyDim();
        double[] sum = new double[dim];
        double[] squares = new double[dim];
        float[] key = new float[dim];
        for (int position = from; position < from + count; position++) {
            tile.keyValues().copyKey(position, key, 0);
            for (int c = 0; c < dim; c++) {
                sum[c] += key[c];
                squares[c] += (double) key[c] * key[c];
            }
        }
        double score = 0;
        for (int c = 0; c < dim; c++) {
            double q = tile.queries()[tile.queryOffset(head, query) + c] * (double) tile.layer().attention().scale();
            double mean = sum[c] / count;
            double variance = squares[c] / count - mean * mean;
            score += q * mean + (withVariance ? q * q * variance / 2 : 0);
        }
        return score;
    }

    private static void addSoftmax(double[] scores, int visible, int perPage, double[] mass) {
        double denominator = 0;
        for (int i = 0; i < visible; i++) {
            denominator += Math.exp(scores[i]);
        }
        for (int i = 0; i < visible; i++) {
            mass[i / perPage] += Math.exp(scores[i]) / denominator;
        }
    }

    private static void check(String settings, double tau, int first, int queries, int page, int sinks, int recent, Formula formula) {
        for (MaskBase base : new MaskBase[]{MaskBase.CAUSAL, MaskBase.BIDIRECTIONAL}) {
            Random random = new Random(first + queries);
            LayerSpec layer = TestLayers.layer(0, 3, 1, 32, 0);
            int keys = first + queries + (base == MaskBase.CAUSAL ? 0 : 70);
            InMemoryKeyValues keyValues = TestTiles.clusteredKeys(random, KvType.F16, 32, keys);
            SimpleAttentionTile tile = TestTiles.tile(random, layer, keyValues, first, queries, false);
            MaskRefiner refiner = SparseKDefinitionTest.refiner(settings + ",min-context=0,tau=" + tau, layer, 700);
            refiner.keysAppended(layer, 0, keyValues, 0, keys);
            AttentionMask mask = new AttentionMask();
            mask.reset(base, 3, first, queries, 0, keys);
            refiner.refine(tile, mask);
            int removed = 0;
            for (int head = 0; head < 3; head++) {
                double[] mass = new double[(keys + page - 1) / page];
                formula.addMass(tile, base, head, mass);
                removed += checkHead(mask, head, page, sinks, recent, mass, tau);
            }
            assertTrue(removed > 0, "the case removes nothing");
        }
    }

    private static int checkHead(AttentionMask mask, int head, int page, int sinks, int recent, double[] mass, double tau) {
        AttentionMask base = new AttentionMask();
        base.reset(mask.base(), mask.headCount(), mask.firstPosition(), mask.queryCount(), 0, mask.keyCount());
        int last = mask.firstPosition() + mask.queryCount() - 1;
        double total = 0;
        double kept = 0;
        double smallestKept = Double.MAX_VALUE;
        double largestRemoved = 0;
        int removed = 0;
        for (int p = 0; p < mass.length; p++) {
            int from = p * page;
            int to = Math.min(from + page, mask.keyCount());
            boolean forced = from < sinks || to < from + page || (to > mask.firstPosition() - recent && from <= last);
            boolean keeps = keepsPage(base, mask, head, from, to);
            total += mass[p];
            kept += keeps ? mass[p] : 0;
            if (forced) {
                assertTrue(keeps, "page " + p + " is always kept");
            } else if (keeps) {
                smallestKept = from <= last || mask.base() != MaskBase.CAUSAL ? Math.min(smallestKept, mass[p]) : smallestKept;
            } else {
                largestRemoved = Math.max(largestRemoved, mass[p]);
                removed++;
            }
        }
        assertTrue(smallestKept >= largestRemoved * (1 - ROUNDING), smallestKept + " was kept, " + largestRemoved + " removed");
        assertTrue(kept >= (tau - ROUNDING) * total, kept + " of " + total);
        assertTrue(smallestKept == Double.MAX_VALUE || kept - smallestKept < (tau + ROUNDING) * total,
                "one page less would have been enough");
        return removed;
    }

    /** Returns whether a page of the base is kept by all rows; it must be kept by all rows or by none. */
    private static boolean keepsPage(AttentionMask base, AttentionMask mask, int head, int from, int to) {
        int kept = 0;
        int permitted = 0;
        for (int query = 0; query < mask.queryCount(); query++) {
            for (int key = from; key < to; key++) {
                kept += mask.keeps(head, query, key) ? 1 : 0;
                permitted += base.keeps(head, query, key) ? 1 : 0;
            }
        }
        assertTrue(kept == 0 || kept == permitted, "rows differ");
        return kept == permitted;
    }
}
