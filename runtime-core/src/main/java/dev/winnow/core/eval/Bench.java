package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.ModelInfo;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.AttentionPhase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Times prompts and generations as llama-bench does: random tokens behind a BOS, the logits of the last token only, no sampling. Unlike llama-bench it warms up
 * until the speed settles, because the first runs of a Java process are compiled while they run, and takes the arms in turn, so that a machine that slows down
 * slows all of them down.
 */
public final class Bench {

    /** A run that is not faster than the fastest one before by this share ends the warm-up. */
    private static final double SETTLED = 0.03;
    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(60);
    private static final int MOST_WARM_UPS = 20;

    private final Model model;
    private final Options options;
    private final Setting setting;

    private Bench(Model model, Options options) {
        this.model = model;
        this.options = options;
        setting = new Setting(model.info(), String.join(",", model.backends().stream().distinct().toList()), options.threads(), cpu());
    }

    /**
     * What is timed.
     *
     * @param tests       the tests, one line each per arm
     * @param repetitions timed runs of each, 1 or more
     * @param warmUp      whether each test is run before it is timed, until its speed settles
     * @param threads     number of worker threads of the runtime, for the report
     * @param seed        of the random tokens
     */
    public record Options(List<BenchTest> tests, int repetitions, boolean warmUp, int threads, long seed) {
        /** Copies the list and checks the numbers. */
        public Options {
            tests = List.copyOf(tests);
            if (repetitions < 1) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "The number of repetitions is " + repetitions + ", but takes 1 or more (-r).");
            }
        }
    }

    /** What is the same in all results. */
    record Setting(ModelInfo info, String backends, int threads, String cpu) {}

    /**
     * Runs all tests with all arms.
     *
     * @param listener told of each result as soon as it is known
     * @return the results, test by test
     * @throws WinnowException if an arm's refiners removed nothing in any of the tests; the results have been told before
     */
    public static List<BenchResult> run(Model model, List<EvalArm> arms, Options options, Consumer<BenchResult> listener) {
        return new Bench(model, options).run(arms, listener);
    }

    private List<BenchResult> run(List<EvalArm> arms, Consumer<BenchResult> listener) {
        List<BenchResult> results = new ArrayList<>();
        ActivityLog activity = new ActivityLog();
        for (BenchTest test : options.tests()) {
            List<Lane> lanes = new ArrayList<>();
            try {
                for (EvalArm arm : arms) {
                    lanes.add(new Lane(arm, test));
                }
                time(lanes);
                for (Lane lane : lanes) {
                    BenchResult result = lane.result();
                    results.add(result);
                    activity.add(lane.arm.name(), lane.refiners, lane.prefill.plus(lane.decode));
                    listener.accept(result);
                }
            } finally {
                lanes.forEach(Lane::close);
            }
        }
        activity.check();
        return results;
    }

    private void time(List<Lane> lanes) {
        if (options.warmUp()) {
            lanes.forEach(Lane::warmUp);
        }
        for (int repetition = 0; repetition < options.repetitions(); repetition++) {
            for (int turn = 0; turn < lanes.size(); turn++) {
                lanes.get((repetition + turn) % lanes.size()).sample(repetition);
            }
        }
    }

    /** One arm in one test: a session that holds the tokens before the timed ones, of which every run gets a fork. */
    private final class Lane implements AutoCloseable {

        private final EvalArm arm;
        private final BenchTest test;
        private final Session base;
        private final List<RefinerReport> refiners;
        private final Instant begin = Instant.now();
        private final List<Long> samples = new ArrayList<>();
        private PhaseShare prefill = PhaseShare.NONE;
        private PhaseShare decode = PhaseShare.NONE;

        Lane(EvalArm arm, BenchTest test) {
            this.arm = arm;
            this.test = test;
            base = model.newSession(arm.options().withContextLength(test.contextLength()));
            refiners = base.refiners();
            if (test.depth() > 0) {
                base.append(tokens(test.depth(), new Random(options.seed()), true));
            }
        }

        void warmUp() {
            long fastest = Long.MAX_VALUE;
            long start = System.nanoTime();
            for (int i = 0; i < MOST_WARM_UPS && System.nanoTime() - start < LONGEST_WARM_UP.toNanos(); i++) {
                long nanos = run(-1 - i);
                if (nanos > (1 - SETTLED) * fastest) {
                    break;
                }
                fastest = Math.min(fastest, nanos);
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
            try (Session session = base.fork()) {
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

        BenchResult result() {
            return new BenchResult(setting, arm, test, refiners, samples, prefill, decode, begin);
        }

        @Override
        public void close() {
            base.close();
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

    /** Returns the processor's name as Linux gives it, or the architecture. */
    private static String cpu() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
        return System.getProperty("os.arch");
    }
}
