package dev.winnow.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class VectorMathTest {

    // Relative errors that VectorMath documents.
    private static final double EXP2_ERROR = 1e-7;
    private static final double EXP_ERROR = 1.5e-7;
    private static final double TANH_ERROR = 4e-7;

    @Test
    void powersOfTwoAreExact() {
        for (int n = (int) VectorMath.EXP2_MIN; n <= 0; n++) {
            assertEquals(Math.scalb(1f, n), VectorMath.exp2OrZero(n));
        }
        assertEquals(0, VectorMath.exp2OrZero(-126.1f));
        assertEquals(0, VectorMath.exp2OrZero(Float.NEGATIVE_INFINITY));
    }

    @Test
    void exp2IsAccurate() {
        for (float x = -126; x <= 0; x += 0.0017f) {
            double expected = Math.pow(2, x);
            assertEquals(expected, VectorMath.exp2OrZero(x), EXP2_ERROR * expected);
        }
    }

    @Test
    void expIsAccurate() {
        for (float x = -87; x <= 87; x += 0.0023f) {
            double expected = Math.exp(x);
            assertEquals(expected, VectorMath.exp(x), EXP_ERROR * expected);
        }
        assertTrue(Float.isFinite(VectorMath.exp(1000)));
        assertTrue(VectorMath.exp(-1000) > 0);
        assertTrue(Float.isNaN(VectorMath.exp(Float.NaN)));
    }

    @Test
    void tanhIsAccurateAlsoForSmallNumbers() {
        for (float size = 1e-6f; size < 30; size *= 1.0007f) {
            double expected = Math.tanh(size);
            assertEquals(expected, VectorMath.tanh(size), TANH_ERROR * expected);
            assertEquals(-expected, VectorMath.tanh(-size), TANH_ERROR * expected);
        }
        assertEquals(0, VectorMath.tanh(0));
        assertEquals(1, VectorMath.tanh(Float.POSITIVE_INFINITY));
    }
}
