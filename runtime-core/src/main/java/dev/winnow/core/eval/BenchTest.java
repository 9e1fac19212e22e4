package dev.winnow.core.eval;

import dev.winnow.api.WinnowException;

/**
 * What one line of a benchmark times, as llama-bench has it: a prompt, a generation, or one after the other, behind tokens that are not timed.
 *
 * @param prompt   tokens of the prompt, appended at once; 0 for none
 * @param generate tokens generated, appended one by one; 0 for none
 * @param depth    tokens that the session holds before
 */
public record BenchTest(int prompt, int generate, int depth) {

    /** Checks the numbers. */
    public BenchTest {
        if (prompt < 0 || generate < 0 || depth < 0 || prompt + generate == 0) {
            throw new WinnowException(WinnowException.Kind.USAGE, "A test of " + prompt + " prompt tokens and " + generate
                    + " generated tokens at depth " + depth + " times nothing; give a prompt (-p) or a generation (-n) of 1 or more.");
        }
    }

    /** Returns llama-bench's name, for example {@code pp512}, {@code tg128 @ d4096} or {@code pp512+tg128}. */
    public String name() {
        String first = prompt > 0 ? "pp" + prompt : "";
        String second = generate > 0 ? "tg" + generate : "";
        return first + (prompt > 0 && generate > 0 ? "+" : "") + second + (depth > 0 ? " @ d" + depth : "");
    }

    /** Returns the context length that the test needs. */
    int contextLength() {
        return Math.addExact(Math.addExact(prompt, generate), depth);
    }
}
