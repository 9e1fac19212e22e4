package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.Settings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BenchRunTest {

    private static final EvalArm DENSE = EvalArm.dense(SessionOptions.defaults());

    private static EvalArm recent(int window) {
        return new EvalArm("recent", SessionOptions.defaults().withRefiner("recent", Settings.of("recent",
                Map.of("window", String.valueOf(window)))));
    }

    @Test
    void testsHaveTheNamesOfLlamaBench() {
        assertEquals("pp512", new BenchTest(512, 0, 0).name());
        assertEquals("tg128 @ d4096", new BenchTest(0, 128, 4096).name());
        assertEquals("pp16+tg8", new BenchTest(16, 8, 0).name());
        assertThrows(WinnowException.class, () -> new BenchTest(0, 0, 5));
        assertThrows(WinnowException.class, () -> new BenchTest(-1, 5, 0));
    }

    @Test
    void timesEveryTestWithEveryArm() {
        List<BenchTest> tests = List.of(new BenchTest(32, 0, 0), new BenchTest(0, 8, 64), new BenchTest(16, 4, 0));
        List<BenchResult> told = new ArrayList<>();
        List<BenchResult> results = Bench.run(new FakeModel(true), List.of(DENSE, recent(8)),
                new Bench.Options(tests, 3, Bench.WarmUp.NONE, 2, 1),
                told::add);
        assertEquals(told, results);
        assertEquals(List.of("pp32 dense", "pp32 recent", "tg8 @ d64 dense", "tg8 @ d64 recent", "pp16+tg4 dense", "pp16+tg4 recent"),
                results.stream().map(result -> result.test().name() + " " + result.arm().name()).toList());
        for (BenchResult result : results) {
            assertEquals(3, result.samples().size());
            double tokens = result.test().prompt() + result.test().generate();
            double mean = result.samples().stream().mapToDouble(nanos -> tokens * 1e9 / nanos).average().orElseThrow();
            assertEquals(mean, result.tokensPerSecond().mean(), 1e-9 * mean);
        }
        assertTrue(results.get(0).speedUp().isEmpty());
        double ratio = 0;
        for (int i = 0; i < 3; i++) {
            ratio += (double) results.get(2).samples().get(i) / results.get(3).samples().get(i) / 3;
        }
        assertEquals(ratio, results.get(3).speedUp().orElseThrow().mean(), 1e-9);
        assertEquals(1, results.get(0).keptRatio());
        // 8 keys of each of 32 positions, fewer at the beginning
        assertEquals((8 * 32 - 28) / 528.0, results.get(1).keptRatio(), 1e-12);
        // tokens 65 to 72 see 8 keys each: the tokens before them are not part of the test
        assertEquals(64 / 548.0, results.get(3).keptRatio(), 1e-12);
    }

    private static List<String> order(long seed) {
        List<String> steps = new ArrayList<>();
        List<EvalArm> arms = List.of(DENSE, recent(8), new EvalArm("third", recent(4).options()));
        Bench.run(new FakeModel(true), arms, new Bench.Options(List.of(new BenchTest(16, 0, 0)), 8, Bench.WarmUp.NONE, 1, seed),
                result -> {}, (step, done, all) -> steps.add(step));
        return steps;
    }

    @Test
    void everyRepetitionHasAllArmsInAnOrderOfItsOwn() {
        List<String> steps = order(1);
        Set<List<String>> orders = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            String end = ": run " + (i + 1) + " of 8";
            List<String> arms = steps.subList(3 * i, 3 * i + 3).stream().map(step -> step.replace("pp16 ", "").replace(end, "")).toList();
            assertEquals(Set.of("dense", "recent", "third"), Set.copyOf(arms), steps::toString);
            orders.add(arms);
        }
        assertTrue(orders.size() > 3, "no more orders than a cyclic shift has: " + orders);
        assertEquals(steps, order(1));
    }

    @Test
    void runsOfTheWarmUpAreNotCounted() {
        Bench.Options options = new Bench.Options(List.of(new BenchTest(32, 0, 0)), 2, Bench.WarmUp.EACH_TEST, 1, 1);
        BenchResult result = Bench.run(new FakeModel(true), List.of(recent(8)), options, told -> {}).getFirst();
        assertEquals(2, result.samples().size());
        assertEquals((8 * 32 - 28) / 528.0, result.keptRatio(), 1e-12);
    }

    @Test
    void rowsHaveTheFieldsOfLlamaBench() {
        Bench.Options options = new Bench.Options(List.of(new BenchTest(4, 0, 0), new BenchTest(0, 2, 16)), 2, Bench.WarmUp.NONE, 2, 1);
        List<BenchResult> results = Bench.run(new FakeModel(false), List.of(recent(3)), options, result -> {});
        Map<String, Object> fields = results.get(1).row().fields();
        assertEquals(0, fields.get("n_prompt"));
        assertEquals(2, fields.get("n_gen"));
        assertEquals(16, fields.get("n_depth"));
        assertEquals(2, fields.get("n_threads"));
        assertEquals("f16", fields.get("type_k"));
        assertEquals("fake 1B F32", fields.get("model_type"));
        assertEquals(4_000_000_000L, fields.get("model_size"));
        assertEquals("recent", fields.get("refiner"));
        assertEquals("window=3", fields.get("refiner_parameters"));
        assertEquals(6 / 35.0, value(fields, "kept_ratio_decode"), 1e-12);
        assertTrue(Double.isNaN(value(fields, "kept_ratio_prefill")));
        assertEquals(2, ((List<?>) Objects.requireNonNull(fields.get("samples_ns"))).size());
        List<String> cells = results.get(1).row().cells();
        assertEquals(BenchResult.columns().size(), cells.size());
        assertEquals(List.of("fake 1B F32", "3.73 GiB", "1.00 B", "reference", "2", "recent", "17.1 %"),
                cells.subList(0, 7));
    }

    private static double value(Map<String, Object> fields, String name) {
        return (double) Objects.requireNonNull(fields.get(name));
    }

    @Test
    void aRefinerThatRemovesNothingIsAnErrorAfterTheResults() {
        List<BenchResult> told = new ArrayList<>();
        Bench.Options options = new Bench.Options(List.of(new BenchTest(8, 0, 0)), 1, Bench.WarmUp.NONE, 1, 1);
        WinnowException error = assertThrows(WinnowException.class,
                () -> Bench.run(new FakeModel(true), List.of(DENSE, recent(100)), options, told::add));
        assertTrue(error.toString().contains("refiner inactive: recent"), error.toString());
        assertEquals(2, told.size());
        assertThrows(WinnowException.class, () -> new Bench.Options(List.of(), 0, Bench.WarmUp.NONE, 1, 1));
    }
}
