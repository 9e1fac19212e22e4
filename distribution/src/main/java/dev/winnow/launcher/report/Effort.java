package dev.winnow.launcher.report;

import dev.winnow.core.eval.BenchTest;

/**
 * How much work the parts of a page are, in tokens of prompts: an estimate that only the time left is computed from.
 *
 * @param plan  what is measured
 * @param texts number of texts whose accuracy is measured
 * @param arms  number of arms
 */
record Effort(ReportPlan plan, int texts, int arms) {

    /** A token that is generated costs about as much as so many tokens of a prompt. */
    private static final int DECODED = 6;
    /** Runs of a warm-up. */
    private static final int WARM_UPS = 4;

    /** Returns the effort of all parts. */
    long total() {
        long sum = 0;
        for (ReportPart part : plan.parts()) {
            sum += switch (part) {
                case SPEED -> speed();
                case ACCURACY -> accuracy();
                case NEEDLE -> needle();
            };
        }
        return sum;
    }

    long speed() {
        long sum = plan.depths().stream().mapToInt(Integer::intValue).max().orElse(0);
        for (BenchTest test : plan.tests()) {
            sum += plan.repetitions() * (test.prompt() + (long) DECODED * test.generate());
        }
        return arms * (sum + WARM_UPS * (plan.prompt() + (long) DECODED * plan.generate()));
    }

    long accuracy() {
        long chunk = plan.accuracy().contextLength() + (DECODED - 1L) * plan.accuracy().decodeTokens();
        return chunk * Math.max(1, plan.accuracy().chunks()) * texts * arms;
    }

    long needle() {
        long decoded = plan.needle().answerTokens() + (plan.needle().decoys() + 1L) * 4;
        long lengths = plan.needle().lengths().stream().mapToLong(length -> length + DECODED * decoded).sum();
        return lengths * plan.needle().kinds().size() * plan.needle().depths().size() * plan.needle().seeds().size() * arms;
    }
}
