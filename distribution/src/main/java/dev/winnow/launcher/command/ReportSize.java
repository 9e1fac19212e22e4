package dev.winnow.launcher.command;

import java.util.List;

/** How much a page of results measures, where single options do not say otherwise. */
enum ReportSize {
    /** Minutes for a small model. */
    QUICK,
    /** Everything that the pictures gain from, however long it takes. */
    FULL;

    /**
     * The numbers of a size.
     *
     * @param depths        speed: tokens before the timed ones
     * @param repetitions   speed: timed runs
     * @param contextLength accuracy: tokens of a chunk of text
     * @param every         accuracy: one of so many positions of a prompt is compared
     * @param decodeTokens  accuracy: tokens of each chunk that are computed one by one
     * @param lengths       needle: tokens of the prompts
     * @param seeds         needle: prompts for each length and depth
     */
    record Numbers(List<Integer> depths, int repetitions, int contextLength, int every, int decodeTokens, List<Integer> lengths,
            int seeds) {}

    Numbers numbers() {
        return switch (this) {
            case QUICK -> new Numbers(List.of(0, 2048, 8192), 3, 8192, 16, 64, List.of(2048, 8192), 1);
            case FULL -> new Numbers(List.of(0, 1024, 2048, 4096, 8192), 5, 8192, 4, 256, List.of(1024, 2048, 4096, 8192), 3);
        };
    }
}
