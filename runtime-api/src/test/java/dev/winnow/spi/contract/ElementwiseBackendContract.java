package dev.winnow.spi.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.Activation;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.RopeStyle;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link ElementwiseBackend} has to satisfy, measured against formulas in double precision. All arrays are used at odd offsets, and what stands
 * before and behind the elements must not change.
 *
 * <p>Limits: an F32 operation rounds by 6e-8 of its result. A sum, product or rotation has up to three roundings (2e-7 of the largest term); exponential
 * functions have an error of a few roundings more (1e-6 of the result).
 */
public abstract class ElementwiseBackendContract {

    private static final int BEFORE = 3;
    private static final int BEHIND = 20;
    private static final float UNTOUCHED = 12345.5f;
    private static final double FEW_ROUNDINGS = 2.5e-7;
    private static final double FUNCTION = 1e-6;
    private static final int[] SIZES = {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 576, 1000, 1536, 4099};

    @SuppressWarnings("NullAway.Init") // set before each test
    private ElementwiseBackend backend;

    /** Returns a new backend. */
    protected abstract ElementwiseBackend create(BackendContext context);

    @BeforeEach
    final void createBackend() {
        backend = create(new BackendContext(1));
    }

    @Test
    void rmsNorm() {
        for (int n : SIZES) {
            for (float epsilon : new float[]{1e-6f, 1e-5f, 0.5f}) {
                float[] x = vector(n, 3, n);
                float[] weight = Arrays.copyOfRange(vector(n, 2, n + 1), BEFORE, BEFORE + n);
                float[] out = vector(n, 0, 0);
                backend.rmsNorm(x, BEFORE, weight, n, epsilon, out, BEFORE);
                double squares = 0;
                for (int i = 0; i < n; i++) {
                    squares += (double) x[BEFORE + i] * x[BEFORE + i];
                }
                double scale = 1 / Math.sqrt(squares / n + epsilon);
                for (int i = 0; i < n; i++) {
                    assertNear("rmsNorm", n, i, x[BEFORE + i] * scale * weight[i], out[BEFORE + i], FEW_ROUNDINGS, 0);
                }
                assertUntouched(out, n);
                backend.rmsNorm(x, BEFORE, weight, n, epsilon, x, BEFORE);
                assertArrayEquals(out, x, "in place");
            }
        }
    }

    /** Sums in F32 lose the small squares behind a large one. */
    @Test
    void rmsNormKeepsSmallSquares() {
        int n = 1 << 18;
        float[] x = new float[n];
        Arrays.fill(x, 1);
        x[0] = 4096;
        float[] ones = new float[n];
        Arrays.fill(ones, 1);
        float[] out = new float[n];
        backend.rmsNorm(x, 0, ones, n, 0, out, 0);
        double expected = 1 / Math.sqrt((4096.0 * 4096 + n - 1) / n);
        assertEquals(expected, out[1], FEW_ROUNDINGS * expected);
    }

    @ParameterizedTest
    @EnumSource
    void rope(RopeStyle style) {
        for (int dims : new int[]{2, 4, 6, 16, 30, 32, 34, 64, 66, 80, 96, 128, 130, 256}) {
            int pairs = dims / 2;
            float[] x = vector(dims, 5, dims);
            float[] table = new float[BEFORE + dims]; // ends where the sines end
            for (int pair = 0; pair < pairs; pair++) {
                double angle = 17 * Math.pow(10_000, -2.0 * pair / dims);
                table[BEFORE + pair] = (float) Math.cos(angle);
                table[BEFORE + pairs + pair] = (float) Math.sin(angle);
            }
            float[] before = x.clone();
            backend.rope(style, x, BEFORE, dims, table, BEFORE);
            for (int pair = 0; pair < pairs; pair++) {
                int first = BEFORE + (style == RopeStyle.NORM ? 2 * pair : pair);
                int second = style == RopeStyle.NORM ? first + 1 : first + pairs;
                double a = before[first];
                double b = before[second];
                double size = Math.abs(a) + Math.abs(b);
                double cos = table[BEFORE + pair];
                double sin = table[BEFORE + pairs + pair];
                assertNear("rope " + style, dims, pair, a * cos - b * sin, x[first], 0, FEW_ROUNDINGS * size);
                assertNear("rope " + style, dims, pair, a * sin + b * cos, x[second], 0, FEW_ROUNDINGS * size);
            }
            assertUntouched(x, dims);
        }
    }

    @ParameterizedTest
    @EnumSource
    void gate(Activation activation) {
        DoubleBinaryOperator formula = (g, u) -> switch (activation) {
            case SILU -> g / (1 + Math.exp(-g)) * u;
            // 0.5 (1 + tanh y) = 1 / (1 + e^−2y), which keeps its digits where tanh y is close to −1
            case GELU_TANH -> g / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (g + 0.044715 * g * g * g))) * u;
            case SWIGLU_OAI -> Math.min(g, 7) / (1 + Math.exp(-1.702 * Math.min(g, 7))) * (Math.clamp(u, -7.0, 7.0) + 1);
        };
        for (float range : new float[]{0.01f, 3, 20, 500}) {
            for (int n : SIZES) {
                float[] gate = vector(n, range, n);
                float[] up = vector(n, range, n + 1);
                float[] before = gate.clone();
                backend.gate(activation, gate, BEFORE, up, BEFORE, n);
                for (int i = BEFORE; i < BEFORE + n; i++) {
                    double expected = formula.applyAsDouble(before[i], up[i]);
                    // The argument of the exponential is rounded, too: that error grows with it, where the result is far below the input.
                    double rounding = 1e-7 * Math.abs((double) before[i] * (Math.abs(up[i]) + 1));
                    assertNear("gate " + activation, n, i, expected, gate[i], FUNCTION, rounding);
                }
                assertUntouched(gate, n);
            }
        }
    }

    @Test
    void gateOfLargeNumbersIsFinite() {
        float[] gate = {1e4f, -1e4f, 1e10f, -1e10f, 88, -88, 104, -104, 0, -0.0f, 1e-30f, -1e-30f, 700, -700, 1, 2, 3};
        for (Activation activation : Activation.values()) {
            float[] x = gate.clone();
            float[] up = new float[gate.length];
            Arrays.fill(up, 1);
            backend.gate(activation, x, 0, up, 0, x.length);
            for (int i = 0; i < x.length; i++) {
                assertTrue(Float.isFinite(x[i]), activation + " of " + gate[i] + " is " + x[i]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {1, 30, 50})
    void softcap(float cap) {
        for (float range : new float[]{1e-3f, 1, 40, 1e4f}) {
            for (int n : SIZES) {
                float[] x = vector(n, range, n);
                float[] before = x.clone();
                backend.softcap(x, BEFORE, n, cap);
                for (int i = BEFORE; i < BEFORE + n; i++) {
                    assertNear("softcap", n, i, cap * Math.tanh((double) before[i] / cap), x[i], FUNCTION, 0);
                }
                assertUntouched(x, n);
            }
        }
    }

    @Test
    void sums() {
        for (int n : SIZES) {
            float[] x = vector(n, 5, n);
            float[] y = vector(n, 5, n + 1);
            float[] sum = x.clone();
            backend.add(sum, BEFORE, y, BEFORE, n);
            float[] scaled = x.clone();
            backend.scale(scaled, BEFORE, n, 1.7f);
            float[] both = x.clone();
            backend.addScaled(both, BEFORE, y, BEFORE, n, -0.3f);
            for (int i = BEFORE; i < BEFORE + n; i++) {
                assertEquals(x[i] + y[i], sum[i]);
                assertEquals(x[i] * 1.7f, scaled[i]);
                assertNear("addScaled", n, i, x[i] - (double) y[i] * 0.3f, both[i], 0, FEW_ROUNDINGS * (Math.abs(x[i]) + Math.abs(y[i])));
            }
            assertUntouched(sum, n);
            assertUntouched(scaled, n);
            assertUntouched(both, n);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 16})
    void softmaxIsAddedByGroups(int group) {
        for (float range : new float[]{1e-3f, 3, 40, 1e4f}) {
            for (int n : SIZES) {
                float[] x = vector(n, range, n);
                if (n > 2) {
                    x[BEFORE + n / 2] = Float.NEGATIVE_INFINITY;
                }
                int groups = (n + group - 1) / group;
                float[] sums = vector(groups, 1, n + 1);
                double[] expected = softmaxByGroups(x, n, group, sums);
                backend.addSoftmax(x, BEFORE, n, group, sums, BEFORE);
                for (int g = 0; g < groups; g++) {
                    // F32 sums of n weights in 4 chains or more, relative to the total of 1: n / 4 roundings; and the weight of what was there before
                    assertNear("addSoftmax by " + group, n, g, expected[g], sums[BEFORE + g], FEW_ROUNDINGS,
                            FUNCTION + n * 1.5e-8);
                }
                assertUntouched(sums, groups);
                x = vector(n, range, n);
                backend.addSoftmax(x, BEFORE, n, group, sums, BEFORE);
                assertUntouched(x, n);
            }
        }
    }

    private static double[] softmaxByGroups(float[] x, int n, int group, float[] before) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = BEFORE; i < BEFORE + n; i++) {
            max = Math.max(max, x[i]);
        }
        double total = 0;
        for (int i = BEFORE; i < BEFORE + n; i++) {
            total += Math.exp(x[i] - max);
        }
        double[] sums = new double[(n + group - 1) / group];
        for (int g = 0; g < sums.length; g++) {
            sums[g] = before[BEFORE + g];
        }
        for (int i = 0; i < n; i++) {
            sums[i / group] += Math.exp(x[BEFORE + i] - max) / total;
        }
        return sums;
    }

    /** A refiner must be able to tell that scores are of no use. */
    @Test
    void softmaxOfNoNumbers() {
        float[] sums = {0.5f, 0.25f, 0.125f, 1};
        float[] hidden = new float[50];
        Arrays.fill(hidden, Float.NEGATIVE_INFINITY);
        backend.addSoftmax(hidden, 0, 50, 16, sums, 0);
        backend.addSoftmax(hidden, 0, 0, 16, sums, 0);
        assertArrayEquals(new float[]{0.5f, 0.25f, 0.125f, 1}, sums);
        for (float bad : new float[]{Float.NaN, Float.POSITIVE_INFINITY}) {
            for (int at : new int[]{0, 20, 49}) {
                float[] x = new float[50];
                x[at] = bad;
                float[] none = new float[4];
                backend.addSoftmax(x, 0, 50, 16, none, 0);
                assertTrue(Float.isNaN(none[at / 16]), bad + " at " + at);
            }
        }
    }

    /** An element does not depend on its neighbours: parts of a vector, computed by different threads, have the bits of the whole. */
    @ParameterizedTest
    @EnumSource
    void elementsAreIndependentOfTheCut(Activation activation) {
        int n = 100;
        float[] up = vector(n, 5, 2);
        float[] whole = vector(n, 5, 1);
        float[] parts = whole.clone();
        backend.gate(activation, whole, BEFORE, up, BEFORE, n);
        float[] cappedWhole = vector(n, 5, 3);
        float[] cappedParts = cappedWhole.clone();
        backend.softcap(cappedWhole, BEFORE, n, 3);
        for (int from = 0, length = 1; from < n; from += length, length = Math.min(length + 3, n - from)) {
            backend.gate(activation, parts, BEFORE + from, up, BEFORE + from, length);
            backend.softcap(cappedParts, BEFORE + from, length, 3);
        }
        assertArrayEquals(whole, parts);
        assertArrayEquals(cappedWhole, cappedParts);
    }

    private static float[] vector(int n, float range, long seed) {
        float[] x = new float[BEFORE + n + BEHIND];
        Arrays.fill(x, UNTOUCHED);
        Random random = new Random(seed);
        for (int i = BEFORE; i < BEFORE + n; i++) {
            x[i] = (2 * random.nextFloat() - 1) * range;
        }
        return x;
    }

    private static void assertUntouched(float[] x, int n) {
        for (int i = 0; i < x.length; i++) {
            if (i < BEFORE || i >= BEFORE + n) {
                assertEquals(UNTOUCHED, x[i], "element " + (i - BEFORE) + " of " + n);
            }
        }
    }

    private static void assertNear(String what, int n, int i, double expected, float actual, double relative, double absolute) {
        double limit = Math.abs(expected) * relative + absolute + Float.MIN_NORMAL;
        assertTrue(Math.abs(expected - actual) <= limit,
                () -> what + " of " + n + " elements, element " + i + ": " + actual + " instead of " + expected + ", limit " + limit);
    }
}
