package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.AttentionPhase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Times prompts and generations as llama-bench does: random tokens behind a BOS, the logits of the last token only, no sampling. Unlike llama-bench it warms up
 * until the speed settles, because the first runs of a Java process are compiled while they run, and takes the arms in turn, in another order in each
 * repetition, so that a machine that slows down slows all of them down.
 */
public final class Bench {

    private final Model model;
    private final Options options;
    private final Provenance provenance;
    private final Progress progress;

    private Bench(Model model, Options options, Progress progress) {
        this.model = model;
        this.options = options;
        this.progress = progress;
        provenance = Provenance.of(model, options.threads());
    }

    /**
     * What is timed.
     *
     * @param tests       the tests, one line each per arm
     * @param repetitions timed runs of each, 1 or more
     * @param warmUp      which tests are run before they are timed, until their speed settles
     * @param threads     number of worker threads of the runtime, for the report
     * @param seed        of the random tokens
     */
    public record Options(List<BenchTest> tests, int repetitions, WarmUp warmUp, int threads, long seed) {
        /** Copies the list and checks the numbers. */
        public Options {
            tests = List.copyOf(tests);
            if (repetitions < 1) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "The number of repetitions is " + repetitions + ", but takes 1 or more (-r).");
            }
        }
    }

    /** Which tests are run until their speed settles, before they are timed. */
    public enum WarmUp {
        /** None. */
        NONE,
        /** The first one of each number of prompt and generated tokens, which warms up the same test at other depths. */
        EACH_SHAPE,
        /** Each of them. */
        EACH_TEST
    }

    /** Is told what is being done. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Tells of a step that begins.
         *
         * @param step what is done, for people, for example {@code pp512 dense: warm-up}
         * @param done steps that are finished
         * @param all  number of steps
         */
        void step(String step, int done, int all);
    }

    /**
     * Runs all tests with all arms.
     *
     * @param listener told of each result as soon as it is known
     * @return the results, test by test
     * @throws WinnowException if an arm's refiners removed nothing in any of the tests; the results have been told before
     */
    public static List<BenchResult> run(Model model, List<EvalArm> arms, Options options, Consumer<BenchResult> listener) {
        return run(model, arms, options, listener, (step, done, all) -> {});
    }

    /**
     * Runs all tests with all arms.
     *
     * @param arms     the first one is what the others are compared with
     * @param listener told of each result as soon as it is known
     * @param progress told of each step before it begins: filling a session, warming up, every run
     * @return the results, test by test
     * @throws WinnowException if an arm's refiners removed nothing in any of the tests; the results have been told before
     */
    public static List<BenchResult> run(Model model, List<EvalArm> arms, Options options, Consumer<BenchResult> listener,
            Progress progress) {
        ArmActivity activity = new ArmActivity();
        List<BenchResult> results = new Bench(model, options, progress).run(arms, listener, activity);
        activity.require();
        return results;
    }

    /**
     * Runs all tests with all arms, as a part of a greater measurement, in which an arm may be inactive.
     *
     * @param arms     the first one is what the others are compared with
     * @param listener told of each result as soon as it is known
     * @param activity is told what the arms have removed
     * @return the results, test by test
     */
    public static List<BenchResult> runPart(Model model, List<EvalArm> arms, Options options, Consumer<BenchResult> listener,
            ArmActivity activity) {
        return new Bench(model, options, (step, done, all) -> {}).run(arms, listener, activity);
    }

    private List<BenchResult> run(List<EvalArm> arms, Consumer<BenchResult> listener, ArmActivity activity) {
        List<BenchResult> results = new ArrayList<>();
        List<BenchSessions> sessions = new ArrayList<>();
        try {
            fill(arms, sessions);
            Set<List<Integer>> warm = new HashSet<>();
            for (BenchTest test : options.tests()) {
                List<Lane> lanes = new ArrayList<>();
                for (int i = 0; i < arms.size(); i++) {
                    lanes.add(new Lane(arms.get(i), test, sessions.get(i)));
                }
                boolean first = warm.add(List.of(test.prompt(), test.generate()));
                time(lanes, options.warmUp() == WarmUp.EACH_TEST || (first && options.warmUp() == WarmUp.EACH_SHAPE));
                for (Lane lane : lanes) {
                    BenchResult result = lane.result(lane == lanes.getFirst() ? List.of() : lanes.getFirst().samples);
                    results.add(result);
                    activity.add(lane.arm.name(), RefinerActivity.of(lane.refiners, lane.prefill.plus(lane.decode)));
                    listener.accept(result);
                }
            }
        } finally {
            sessions.forEach(BenchSessions::close);
        }
        return results;
    }

    /** Computes the tokens before the timed ones, once for all tests. */
    private void fill(List<EvalArm> arms, List<BenchSessions> sessions) {
        int context = options.tests().stream().mapToInt(BenchTest::contextLength).max().orElse(1);
        Set<Integer> depths = options.tests().stream().map(BenchTest::depth).collect(Collectors.toSet());
        int deepest = depths.stream().mapToInt(Integer::intValue).max().orElse(0);
        int[] tokens = tokens(deepest, new Random(options.seed()), true);
        for (EvalArm arm : arms) {
            BenchSessions lanes = new BenchSessions(model, arm, context);
            sessions.add(lanes);
            if (deepest > 0) {
                progress.step(deepest + " tokens before, " + arm.name(), sessions.size() - 1, arms.size());
            }
            lanes.fill(depths, tokens);
        }
    }

    private void time(List<Lane> lanes, boolean warmUp) {
        int all = lanes.size() * (options.repetitions() + (warmUp ? 1 : 0));
        int done = 0;
        for (int i = 0; warmUp && i < lanes.size(); i++) {
            progress.step(lanes.get(i) + ": warm-up", done++, all);
            lanes.get(i).warmUp();
        }
        List<Lane> order = new ArrayList<>(lanes);
        Random random = new Random(options.seed());
        for (int repetition = 0; repetition < options.repetitions(); repetition++) {
            Collections.shuffle(order, random); // in a fixed order, what one arm leaves in caches and heap would always hit the same other one
            for (Lane lane : order) {
                progress.step(lane + ": run " + (repetition + 1) + " of " + options.repetitions(), done++, all);
                lane.sample(repetition);
            }
        }
    }

    /** One arm in one test. Every run gets a fork of the session that holds the tokens before the timed ones. */
    private final class Lane {

        private final EvalArm arm;
        private final BenchTest test;
        private final BenchSessions sessions;
        private final List<RefinerReport> refiners;
        private final Instant begin = Instant.now();
        private final List<Long> samples = new ArrayList<>();
        private PhaseShare prefill = PhaseShare.NONE;
        private PhaseShare decode = PhaseShare.NONE;

        Lane(EvalArm arm, BenchTest test, BenchSessions sessions) {
            this.arm = arm;
            this.test = test;
            this.sessions = sessions;
            refiners = sessions.refiners();
        }

        void warmUp() {
            Settling settling = Settling.begin();
            for (int i = 1; !settling.isOver(); i++) {
                settling.ran(run(-i));
            }
            prefill = PhaseShare.NONE;
            decode = PhaseShare.NONE;
        }

        void sample(int repetition) {
            samples.add(run(repetition));
        }

        /** Every arm gets the same tokens in the same repetition. */
        private long run(int repetition) {
            Random random = new Random(options.seed() + 31L * (repetition + 1));
            int[] prompt = tokens(test.prompt(), random, test.depth() == 0);
            int[] generated = tokens(test.generate(), random, true);
            try (Session session = sessions.fork(test.depth())) {
                PhaseShare prefillBefore = PhaseShare.of(session, AttentionPhase.PREFILL);
                PhaseShare decodeBefore = PhaseShare.of(session, AttentionPhase.DECODE);
                long start = System.nanoTime();
                if (prompt.length > 0) {
                    session.append(prompt);
                }
                for (int token : generated) {
                    session.append(token);
                }
                long nanos = System.nanoTime() - start;
                prefill = prefill.plus(PhaseShare.of(session, AttentionPhase.PREFILL).minus(prefillBefore));
                decode = decode.plus(PhaseShare.of(session, AttentionPhase.DECODE).minus(decodeBefore));
                return Math.max(1, nanos);
            }
        }

        BenchResult result(List<Long> base) {
            return new BenchResult(provenance, arm, test, refiners, samples, base, prefill, decode, begin);
        }

        @Override
        public String toString() {
            return test.name() + " " + arm.name();
        }
    }

    private int[] tokens(int count, Random random, boolean begin) {
        int[] tokens = random.ints(count, 0, model.info().vocabularySize()).toArray();
        OptionalInt bos = begin && count > 0 ? bos() : OptionalInt.empty();
        bos.ifPresent(token -> tokens[0] = token);
        return tokens;
    }

    /** Also a file without a tokenizer can be timed. */
    private OptionalInt bos() {
        try {
            Tokenizer tokenizer = model.tokenizer();
            return tokenizer.addsBos() ? tokenizer.bosToken() : OptionalInt.empty();
        } catch (WinnowException e) {
            return OptionalInt.empty();
        }
    }
}
