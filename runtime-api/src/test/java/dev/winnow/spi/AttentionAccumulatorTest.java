package dev.winnow.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** {@link AttentionAccumulator} against a softmax in double precision. */
class AttentionAccumulatorTest {

    private static final int DIM = 3;

    @Property(tries = 200)
    void partsMergeIntoTheWhole(@ForAll long seed, @ForAll @IntRange(max = 40) int keys, @ForAll @IntRange(max = 40) int split,
            @ForAll boolean withSink) {
        Random random = new Random(seed);
        float[] scores = new float[keys];
        float[][] values = new float[keys][DIM];
        for (int key = 0; key < keys; key++) {
            scores[key] = 20 * random.nextFloat() - 10;
            for (int c = 0; c < DIM; c++) {
                values[key][c] = random.nextFloat() - 0.5f;
            }
        }
        float sink = withSink ? 4 * random.nextFloat() : Float.NEGATIVE_INFINITY;
        int middle = Math.min(split, keys);
        AttentionAccumulator left = accumulate(scores, values, 0, middle);
        left.merge(accumulate(scores, values, middle, keys));
        float[] actual = new float[DIM + 1];
        left.finish(1, sink, actual, 1);
        // a handful of float operations on weights that sum to one and values below 0.5
        assertArrayEquals(softmax(scores, values, sink), Arrays.copyOfRange(actual, 1, DIM + 1), 2e-6f);
        left.finish(0, sink, actual, 0);
        assertEquals(0, actual[0], 0, "row 0 has no key");
    }

    /** Two rows, of which the second looks at the keys. */
    private static AttentionAccumulator accumulate(float[] scores, float[][] values, int from, int to) {
        AttentionAccumulator result = new AttentionAccumulator();
        result.reset(2, DIM);
        for (int key = from; key < to; key++) {
            result.max()[1] = Math.max(result.max()[1], scores[key]);
        }
        for (int key = from; key < to; key++) {
            float weight = (float) Math.exp(scores[key] - result.max()[1]);
            result.sum()[1] += weight;
            for (int c = 0; c < DIM; c++) {
                result.values()[DIM + c] += weight * values[key][c];
            }
        }
        return result;
    }

    private static float[] softmax(float[] scores, float[][] values, float sink) {
        double denominator = Math.exp(sink);
        double[] sum = new double[DIM];
        for (int key = 0; key < scores.length; key++) {
            double weight = Math.exp(scores[key]);
            denominator += weight;
            for (int c = 0; c < DIM; c++) {
                sum[c] += weight * values[key][c];
            }
        }
        float[] result = new float[DIM];
        for (int c = 0; c < DIM; c++) {
            result[c] = scores.length == 0 ? 0 : (float) (sum[c] / denominator);
        }
        return result;
    }

    @Test
    void isReusableForOtherShapes() {
        AttentionAccumulator accumulator = new AttentionAccumulator();
        accumulator.reset(4, 8);
        Arrays.fill(accumulator.values(), 1);
        accumulator.reset(2, 3);
        assertEquals(2, accumulator.rows());
        assertEquals(3, accumulator.valueDim());
        float[] actual = {5, 5, 5};
        accumulator.finish(1, Float.NEGATIVE_INFINITY, actual, 0);
        assertArrayEquals(new float[3], actual);
    }
}
