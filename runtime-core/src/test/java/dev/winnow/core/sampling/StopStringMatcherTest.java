package dev.winnow.core.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopStringMatcherTest {

    @Test
    void findsAStopStringAcrossPieces() {
        StopStringMatcher matcher = new StopStringMatcher(List.of("</end>"));
        assertEquals("Hello ", matcher.append("Hello <"));
        assertEquals("", matcher.append("/en"));
        assertFalse(matcher.isMatched());
        assertEquals("", matcher.append("d> never seen"));
        assertTrue(matcher.isMatched());
        assertEquals("", matcher.append("more"));
        assertEquals("", matcher.finish());
    }

    @Test
    void releasesWhatTurnsOutNotToBeAStopString() {
        StopStringMatcher matcher = new StopStringMatcher(List.of("aab"));
        assertEquals("", matcher.append("aa"));
        assertEquals("a", matcher.append("a"));
        assertEquals("aac", matcher.append("c"));
        assertEquals("", matcher.append("a"));
        assertEquals("a", matcher.finish());
        assertFalse(matcher.isMatched());
    }

    @Test
    void theFirstEndWinsAndThenTheLongest() {
        StopStringMatcher first = new StopStringMatcher(List.of("abcd", "bc"));
        assertEquals("xa", first.append("xabcd"));
        StopStringMatcher longest = new StopStringMatcher(List.of("c", "abc"));
        assertEquals("x", longest.append("xabc"));
    }

    @Test
    void withoutStopStringsEverythingPasses() {
        assertEquals("any text", new StopStringMatcher(List.of()).append("any text"));
        assertThrows(WinnowException.class, () -> new StopStringMatcher(List.of("x", "")));
    }

    @Test
    void theResultDoesNotDependOnTheCut() {
        Random random = new Random(3);
        for (int trial = 0; trial < 5000; trial++) {
            String text = randomText(random, 1 + random.nextInt(30));
            List<String> stops = List.of(randomText(random, 1 + random.nextInt(4)), randomText(random, 2 + random.nextInt(4)));
            StopStringMatcher matcher = new StopStringMatcher(stops);
            StringBuilder seen = new StringBuilder();
            for (int from = 0; from < text.length();) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(5));
                seen.append(matcher.append(text.substring(from, to)));
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
