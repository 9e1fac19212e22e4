package dev.winnow.core.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopMatcherTest {

    @Test
    void findsAStopStringAcrossPieces() {
        StopMatcher matcher = new StopMatcher(List.of("</end>"));
        assertEquals("Hello ", matcher.push("Hello <"));
        assertEquals("", matcher.push("/en"));
        assertFalse(matcher.stopped());
        assertEquals("", matcher.push("d> never seen"));
        assertTrue(matcher.stopped());
        assertEquals("", matcher.push("more"));
        assertEquals("", matcher.finish());
    }

    @Test
    void releasesWhatTurnsOutNotToBeAStopString() {
        StopMatcher matcher = new StopMatcher(List.of("aab"));
        assertEquals("", matcher.push("aa"));
        assertEquals("a", matcher.push("a"));
        assertEquals("aac", matcher.push("c"));
        assertEquals("", matcher.push("a"));
        assertEquals("a", matcher.finish());
        assertFalse(matcher.stopped());
    }

    @Test
    void theFirstEndWinsAndThenTheLongest() {
        StopMatcher first = new StopMatcher(List.of("abcd", "bc"));
        assertEquals("xa", first.push("xabcd"));
        StopMatcher longest = new StopMatcher(List.of("c", "abc"));
        assertEquals("x", longest.push("xabc"));
    }

    @Test
    void withoutStopStringsEverythingPasses() {
        assertEquals("any text", new StopMatcher(List.of()).push("any text"));
        assertEquals("any text", new StopMatcher(List.of("x y", "")).push("any text"));
    }

    @Test
    void theResultDoesNotDependOnTheCut() {
        Random random = new Random(3);
        for (int trial = 0; trial < 5000; trial++) {
            String text = randomText(random, 1 + random.nextInt(30));
            List<String> stops = List.of(randomText(random, 1 + random.nextInt(4)), randomText(random, 2 + random.nextInt(4)));
            StopMatcher matcher = new StopMatcher(stops);
            StringBuilder seen = new StringBuilder();
            for (int from = 0; from < text.length();) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(5));
                seen.append(matcher.push(text.substring(from, to)));
                from = to;
            }
            seen.append(matcher.finish());
            assertEquals(expected(text, stops), seen.toString(), text + " " + stops);
        }
    }

    private static String expected(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            String prefix = text.substring(0, end);
            int longest = stops.stream().filter(prefix::endsWith).mapToInt(String::length).max().orElse(0);
            if (longest > 0) {
                return prefix.substring(0, end - longest);
            }
        }
        return text;
    }

    private static String randomText(Random random, int length) {
        return random.ints(length, 'a', 'd').collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }
}
