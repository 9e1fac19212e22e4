package dev.winnow.core.eval;

import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A haystack with its needle and question in tokens, of exactly the wanted length, and the answers to choose from. Immutable. */
final class NeedlePrompt {

    private final int[] tokens;
    private final List<int[]> answers;
    private final String key;
    private final double depth;

    private NeedlePrompt(int[] tokens, List<int[]> answers, String key, double depth) {
        this.tokens = tokens;
        this.answers = answers;
        this.key = key;
        this.depth = depth;
    }

    /**
     * Builds a prompt: BOS if the model adds one, haystack with the needle between two sentences, question. Equal arguments give equal prompts, and equal kinds
     * and seeds prompts that are equal up to the first needle.
     *
     * @param length number of tokens of the prompt
     * @param depth  where the needle is, 0 for the beginning and 1 for the end of the haystack; a second one is half a haystack away
     * @throws WinnowException if needle and question are longer than the prompt
     */
    static NeedlePrompt build(Tokenizer tokenizer, Haystack hay, NeedleKind kind, int length, double depth, long seed, int decoys) {
        Random random = new Random(seed * 1_000_003 + kind.ordinal());
        NeedleKind.Task task = kind.task(decoys, random);
        List<int[]> endings = new ArrayList<>();
        endings.add(tokenizer.encode(task.question() + " " + task.key(), false, false));
        for (String decoy : task.decoys()) {
            endings.add(tokenizer.encode(task.question() + " " + decoy, false, false));
        }
        // Question and answer are tokenized together, because a tokenizer may join the space with either; what all answers share belongs to the prompt.
        int shared = sharedPrefix(endings, tokenizer.encode(task.question(), false, false));
        int[] bos = tokenizer.addsBos() ? tokenizer.bosToken().stream().toArray() : new int[0];
        List<int[]> needles = task.needles().stream().map(needle -> tokenizer.encode(needle, false, false)).toList();
        int fixed = bos.length + shared + needles.stream().mapToInt(needle -> needle.length).sum();
        int hayLength = length - fixed;
        if (hayLength < 0) {
            throw new WinnowException(WinnowException.Kind.USAGE, "A prompt of " + length + " tokens is too short for the needle "
                    + kind.label() + ", which takes " + fixed + " with its question; give a longer one.");
        }
        int start = hay.randomStart(random);
        int place = hay.sentenceEndNear(start, hayLength, (int) Math.round(depth * hayLength));
        int second = hay.sentenceEndNear(start, hayLength, (int) Math.round((depth + 0.5) % 1 * hayLength));
        int[] tokens = new int[length];
        System.arraycopy(bos, 0, tokens, 0, bos.length);
        int at = bos.length;
        for (int index = 0; index <= hayLength; index++) {
            for (int n = 0; n < needles.size(); n++) {
                if (index == (n == 0 ? place : second)) {
                    System.arraycopy(needles.get(n), 0, tokens, at, needles.get(n).length);
                    at += needles.get(n).length;
                }
            }
            if (index < hayLength) {
                tokens[at++] = hay.token(start, index);
            }
        }
        System.arraycopy(endings.getFirst(), 0, tokens, at, shared);
        List<int[]> answers = endings.stream().map(ending -> Arrays.copyOfRange(ending, shared, ending.length)).toList();
        return new NeedlePrompt(tokens, answers, task.key(), hayLength == 0 ? depth : (double) place / hayLength);
    }

    /** The question itself limits the prefix, and one token of each answer has to be left. */
    private static int sharedPrefix(List<int[]> endings, int[] question) {
        int shared = question.length;
        for (int[] ending : endings) {
            int mismatch = Arrays.mismatch(ending, 0, Math.min(shared, ending.length), question, 0, shared);
            shared = mismatch < 0 ? shared : mismatch;
            shared = Math.min(shared, ending.length - 1);
        }
        return shared;
    }

    /** Returns the prompt. */
    int[] tokens() {
        return tokens;
    }

    /** Returns the answers: the right one first. */
    List<int[]> answers() {
        return answers;
    }

    /** Returns what a right answer contains. */
    String key() {
        return key;
    }

    /** Returns where the needle is: its haystack before it, as a share. */
    double depth() {
        return depth;
    }
}
