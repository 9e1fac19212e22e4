package dev.winnow.launcher.report;

import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.Needle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What a page of results measures.
 *
 * @param parts       parts of the page
 * @param depths      tokens before the timed ones
 * @param prompt      tokens of the prompt that is timed at each depth; 0 for none
 * @param generate    tokens of the generation that is timed at each depth; 0 for none
 * @param whole       lengths of whole prompts that are timed
 * @param repetitions timed runs
 * @param accuracy    what is compared with dense attention
 * @param needle      what is hidden
 */
public record ReportPlan(Set<ReportPart> parts, List<Integer> depths, int prompt, int generate, List<Integer> whole, int repetitions,
        ArmAccuracy.Options accuracy, Needle.Options needle) {

    /** Copies the lists. */
    public ReportPlan {
        parts = Set.copyOf(parts);
        depths = List.copyOf(depths);
        whole = List.copyOf(whole);
    }

    /** Returns the tests of speed, the longest first: it warms up everything that the others need. */
    List<BenchTest> tests() {
        List<BenchTest> tests = new ArrayList<>();
        for (int depth : depths.stream().sorted(Comparator.reverseOrder()).toList()) {
            if (prompt > 0) {
                tests.add(new BenchTest(prompt, 0, depth));
            }
            if (generate > 0) {
                tests.add(new BenchTest(0, generate, depth));
            }
        }
        whole.stream().sorted(Comparator.reverseOrder()).forEach(length -> tests.add(new BenchTest(length, 0, 0)));
        return tests;
    }
}
