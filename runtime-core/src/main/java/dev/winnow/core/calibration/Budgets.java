package dev.winnow.core.calibration;

/**
 * The choices that the generation of tokens has: the part of the context that each of them may look at. The part grows with the context, because what a number
 * of keys has shown at one length says nothing of greater ones.
 */
final class Budgets {

    /** In ascending order; at a third of the keys, choosing them costs about what leaving out the others saves. */
    private static final double[] PARTS = {0.125, 0.1875, 0.25, 0.3125};

    /** Budgets are multiples of the pages that are chosen. */
    private static final int PAGE = 64;

    private Budgets() {}

    static int count() {
        return PARTS.length;
    }

    /** Returns settings of generation after a context. */
    static String settings(int index, int contextLength) {
        int budget = (int) Math.ceil(PARTS[index] * contextLength / PAGE) * PAGE;
        return "decode=pages,budget=" + budget + ",budget-fraction=" + PARTS[index];
    }
}
