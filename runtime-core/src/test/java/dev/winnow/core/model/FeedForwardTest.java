package dev.winnow.core.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class FeedForwardTest {

    private static float[] kept(int used, float... weights) {
        float[] all = new float[weights.length + 2];
        System.arraycopy(weights, 0, all, 1, weights.length);
        all[0] = 9;
        all[weights.length + 1] = 9;
        FeedForward.keepLargest(all, 1, weights.length, used);
        return all;
    }

    @Test
    void theLargestWeightsStay() {
        assertArrayEquals(new float[]{9, 0, 0.4f, 0, 0.3f, 0, 9}, kept(2, 0.1f, 0.4f, 0.05f, 0.3f, 0.15f));
        assertArrayEquals(new float[]{9, 0.1f, 0.4f, 0.5f, 9}, kept(3, 0.1f, 0.4f, 0.5f));
    }

    @Test
    void ofEqualsTheLowerOnesStay() {
        assertArrayEquals(new float[]{9, 0, 0.25f, 0.25f, 0, 0.3f, 9}, kept(3, 0.2f, 0.25f, 0.25f, 0.25f, 0.3f));
    }

    /** A softmax rounds weights to 0 where the router is sure of itself; they are among those that go. */
    @Test
    void zerosAreNotKeptForOthers() {
        assertArrayEquals(new float[]{9, 0, 0.7f, 0, 0, 0.3f, 0, 0, 0, 9}, kept(2, 0, 0.7f, 0, 0, 0.3f, 0, 0, 0));
        assertArrayEquals(new float[]{9, 0, 0, 1, 0, 9}, kept(2, 0, 0, 1, 0));
    }

    @Test
    void notANumberStaysOneAndIsFoundLater() {
        assertArrayEquals(new float[]{9, Float.NaN, Float.NaN, 9}, kept(1, Float.NaN, Float.NaN));
    }
}
