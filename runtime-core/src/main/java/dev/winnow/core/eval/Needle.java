package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * The needle in a haystack: a fact is hidden in a long text and asked for at its end. Two scores: whether the greedy answer contains it, and how likely the
 * right answer is beside wrong ones, which also small models that cannot answer show. The prompt is computed once for both.
 */
public final class Needle {

    /** Results stand by kind, length, depth and seed, whatever the order in which they were computed. */
    private static final Comparator<Asked> ORDER = Comparator.comparing(Asked::kind).thenComparingInt(asked -> asked.prompt.tokens().length)
            .thenComparingDouble(Asked::depth).thenComparingLong(Asked::seed);

    private final Model model;
    private final Options options;
    private final Haystack hay;
    private final Greedy greedy;
    private final ArmActivity activity;

    private Needle(Model model, String hay, Options options, ArmActivity activity) {
        this.model = model;
        this.options = options;
        this.activity = activity;
        this.hay = new Haystack(model.tokenizer(), hay);
        greedy = new Greedy(model, false);
    }

    /** One prompt and what it was made from. */
    private record Asked(NeedleKind kind, double depth, long seed, NeedlePrompt prompt) {}

    /**
     * What is asked.
     *
     * @param kinds        what is hidden
     * @param lengths      tokens of the prompts
     * @param depths       where the needle is, 0 for the beginning and 1 for the end
     * @param seeds        one prompt for each combination of the others and a seed
     * @param decoys       number of wrong answers that the right one is compared with, 1 or more
     * @param answerTokens tokens of the greedy answer, 1 or more
     */
    public record Options(List<NeedleKind> kinds, List<Integer> lengths, List<Double> depths, List<Long> seeds, int decoys,
            int answerTokens) {
        /** Copies the lists and checks the numbers. */
        public Options {
            kinds = List.copyOf(kinds);
            lengths = List.copyOf(lengths);
            depths = List.copyOf(depths);
            seeds = List.copyOf(seeds);
            require(lengths.stream().allMatch(length -> length > 0), "length", lengths, "1 or more");
            require(depths.stream().allMatch(depth -> depth >= 0 && depth <= 1), "depth", depths, "0 to 1");
            require(decoys >= 1, "number of decoys", decoys, "1 or more");
            require(answerTokens >= 1, "number of answer tokens", answerTokens, "1 or more");
        }

        /**
         * Returns consecutive seeds.
         *
         * @param count 1 or more
         * @throws WinnowException if it is less
         */
        public static List<Long> seeds(long first, int count) {
            require(count >= 1, "number of seeds", count, "1 or more");
            return LongStream.range(first, first + count).boxed().toList();
        }

        private static void require(boolean holds, String name, Object value, String allowed) {
            if (!holds) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "The " + name + " of the needle test is " + value + ", but takes " + allowed + ".");
            }
        }
    }

    /**
     * Asks every arm every question.
     *
     * @param arms     take turns, so that they can be compared from the beginning
     * @param hay      any text; it is repeated if it is shorter than a prompt
     * @param listener told of each result as soon as it is known, arm by arm
     * @return the results by kind, length, depth and seed; the arms beside each other
     * @throws WinnowException if a prompt is too short for its needle, or if an arm's refiners removed nothing; the results have been told before
     */
    public static List<NeedleResult> run(Model model, List<EvalArm> arms, String hay, Options options, Consumer<NeedleResult> listener) {
        ArmActivity activity = new ArmActivity();
        List<NeedleResult> results = runPart(model, arms, hay, options, listener, activity);
        activity.require();
        return results;
    }

    /**
     * Asks every arm every question, as a part of a greater measurement, in which an arm may be inactive.
     *
     * @param arms     take turns, so that they can be compared from the beginning
     * @param hay      any text; it is repeated if it is shorter than a prompt
     * @param listener told of each result as soon as it is known, arm by arm
     * @param activity is told what the arms have removed
     * @return the results by kind, length, depth and seed; the arms beside each other
     * @throws WinnowException if a prompt is too short for its needle
     */
    public static List<NeedleResult> runPart(Model model, List<EvalArm> arms, String hay, Options options,
            Consumer<NeedleResult> listener, ArmActivity activity) {
        return new Needle(model, hay, options, activity).run(arms, listener);
    }

    /**
     * Checks that all prompts can be made, before anything is computed.
     *
     * @throws WinnowException if one is too short for its needle
     */
    public static void check(Model model, String hay, Options options) {
        Needle needle = new Needle(model, hay, options, new ArmActivity());
        options.kinds().forEach(kind -> options.seeds().forEach(seed -> needle.group(kind, seed)));
    }

    /** Prompts of one kind and seed begin alike, so that an arm computes what they share once; then the next arm gets them. */
    private List<NeedleResult> run(List<EvalArm> arms, Consumer<NeedleResult> listener) {
        List<Asked> asked = new ArrayList<>();
        Map<Asked, List<NeedleResult>> results = new HashMap<>();
        for (NeedleKind kind : options.kinds()) {
            for (long seed : options.seeds()) {
                List<Asked> group = group(kind, seed);
                asked.addAll(group);
                List<int[]> prompts = group.stream().map(each -> each.prompt.tokens()).toList();
                for (EvalArm arm : arms) {
                    SessionOptions session = arm.options().withContextLength(context(group));
                    SharedPrompts.run(model, session, prompts, (index, computed) -> {
                        NeedleResult result = ask(arm, group.get(index), computed);
                        results.computeIfAbsent(group.get(index), each -> new ArrayList<>()).add(result);
                        listener.accept(result);
                    });
                }
            }
        }
        return asked.stream().sorted(ORDER).flatMap(each -> results.getOrDefault(each, List.of()).stream()).toList();
    }

    private List<Asked> group(NeedleKind kind, long seed) {
        List<Asked> group = new ArrayList<>();
        for (int length : options.lengths()) {
            for (double depth : options.depths()) {
                group.add(new Asked(kind, depth, seed,
                        NeedlePrompt.build(model.tokenizer(), hay, kind, length, depth, seed, options.decoys())));
            }
        }
        return group;
    }

    private int context(List<Asked> group) {
        return group.stream().map(Asked::prompt).mapToInt(prompt -> Math.addExact(prompt.tokens().length,
                Math.max(prompt.answers().stream().mapToInt(answer -> answer.length).max().orElse(0), options.answerTokens()))).max()
                .orElse(1);
    }

    private NeedleResult ask(EvalArm arm, Asked asked, SharedPrompts.Computed computed) {
        NeedlePrompt prompt = asked.prompt;
        Session session = computed.session();
        float[] logits = session.logits();
        double right;
        double bestDecoy = Double.NEGATIVE_INFINITY;
        int rank = 1;
        try (AnswerScorer scorer = new AnswerScorer(session, logits)) {
            right = scorer.logProbability(prompt.answers().getFirst());
            for (int[] decoy : prompt.answers().subList(1, prompt.answers().size())) {
                double wrong = scorer.logProbability(decoy);
                rank += wrong >= right ? 1 : 0;
                bestDecoy = Math.max(bestDecoy, wrong);
            }
        }
        String answer = model.tokenizer().decode(greedy.continueWith(session, logits, options.answerTokens()), false);
        PhaseShare share = computed.before().plus(PhaseShare.ofAll(session));
        activity.add(arm.name(), RefinerActivity.of(session.refiners(), share));
        return new NeedleResult(arm.name(), asked.kind, prompt.tokens().length, asked.depth, prompt.depth(), asked.seed, prompt.key(),
                answer, answer.contains(prompt.key()), right, bestDecoy, rank, share.baseKeys() == 0 ? 1 : share.keptRatio(),
                computed.nanos());
    }
}
