package dev.winnow.core.eval;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The similarity of two sequences by Ratcliff and Obershelp: the longest common block, then the same to the left and to the right of it. Gives exactly what
 * {@code difflib.SequenceMatcher(None, a, b)} of Python gives, with its rule for long sequences: if b has 200 elements or more, those that are more than 1 % of
 * it do not begin a block. Immutable and thread-safe.
 */
public final class SequenceMatcher {

    /** Length of b from which frequent elements do not begin a block. */
    private static final int LONG = 200;

    private final int[] a;
    private final int[] b;
    private final Map<Integer, int[]> placesInB; // ascending places of each element that can begin a block

    private SequenceMatcher(int[] a, int[] b) {
        this.a = a;
        this.b = b;
        Map<Integer, List<Integer>> places = new HashMap<>();
        for (int j = 0; j < b.length; j++) {
            places.computeIfAbsent(b[j], element -> new ArrayList<>()).add(j);
        }
        if (b.length >= LONG) {
            int most = b.length / 100 + 1;
            places.values().removeIf(list -> list.size() > most);
        }
        placesInB = new HashMap<>();
        places.forEach((element, list) -> placesInB.put(element, list.stream().mapToInt(Integer::intValue).toArray()));
    }

    /** Returns the comparison of two texts by code points, as Python counts characters. */
    public static SequenceMatcher of(String a, String b) {
        return new SequenceMatcher(a.codePoints().toArray(), b.codePoints().toArray());
    }

    /** Returns the comparison of two sequences, for example of tokens. */
    public static SequenceMatcher of(int[] a, int[] b) {
        return new SequenceMatcher(a.clone(), b.clone());
    }

    /**
     * A common block: {@code a[a..a+length-1]} equals {@code b[b..b+length-1]}.
     *
     * @param a      first place in a
     * @param b      first place in b
     * @param length number of elements
     */
    public record Block(int a, int b, int length) {}

    /** Returns twice the number of elements in common blocks, divided by the length of both sequences: 0 to 1; 1 if both are empty. */
    public double ratio() {
        int total = a.length + b.length;
        int common = blocks().stream().mapToInt(Block::length).sum();
        return total == 0 ? 1 : 2.0 * common / total;
    }

    /** Returns the common blocks in order; adjacent ones are joined. */
    public List<Block> blocks() {
        List<Block> found = new ArrayList<>();
        Deque<int[]> ranges = new ArrayDeque<>(); // each {first in a, end in a, first in b, end in b}
        ranges.push(new int[]{0, a.length, 0, b.length});
        int[] previous = new int[b.length + 1];
        int[] current = new int[b.length + 1];
        while (!ranges.isEmpty()) {
            int[] range = ranges.pop();
            Block block = longest(range, previous, current);
            if (block.length > 0) {
                found.add(block);
                if (range[0] < block.a && range[2] < block.b) {
                    ranges.push(new int[]{range[0], block.a, range[2], block.b});
                }
                if (block.a + block.length < range[1] && block.b + block.length < range[3]) {
                    ranges.push(new int[]{block.a + block.length, range[1], block.b + block.length, range[3]});
                }
            }
        }
        found.sort(Comparator.comparingInt(Block::a).thenComparingInt(Block::b));
        return joined(found);
    }

    /**
     * Returns the longest common block of a range; of equals, the one that begins first in a, and of those the one that begins first in b.
     *
     * @param previous [b + 1], zeros; place j + 1 holds the length of the block that ends at j and the last element of a
     * @param current  [b + 1], zeros
     */
    private Block longest(int[] range, int[] previous, int[] current) {
        int bestA = range[0];
        int bestB = range[2];
        int bestLength = 0;
        int[] before = previous;
        int[] now = current;
        int[] touched = {};
        for (int i = range[0]; i < range[1]; i++) {
            int[] places = placesInB.getOrDefault(a[i], new int[0]);
            int first = Arrays.binarySearch(places, range[2]);
            for (int p = first < 0 ? -first - 1 : first; p < places.length && places[p] < range[3]; p++) {
                int j = places[p];
                int length = before[j] + 1;
                now[j + 1] = length;
                if (length > bestLength) {
                    bestA = i - length + 1;
                    bestB = j - length + 1;
                    bestLength = length;
                }
            }
            clear(before, touched);
            touched = places;
            int[] swapped = before;
            before = now;
            now = swapped;
        }
        clear(before, touched);
        // Elements that cannot begin a block can belong to one.
        while (bestA > range[0] && bestB > range[2] && a[bestA - 1] == b[bestB - 1]) {
            bestA--;
            bestB--;
            bestLength++;
        }
        while (bestA + bestLength < range[1] && bestB + bestLength < range[3] && a[bestA + bestLength] == b[bestB + bestLength]) {
            bestLength++;
        }
        return new Block(bestA, bestB, bestLength);
    }

    private static void clear(int[] lengths, int[] places) {
        for (int place : places) {
            lengths[place + 1] = 0;
        }
    }

    private static List<Block> joined(List<Block> blocks) {
        List<Block> joined = new ArrayList<>();
        for (Block block : blocks) {
            Block last = joined.isEmpty() ? new Block(-1, -1, 0) : joined.getLast();
            if (last.a + last.length == block.a && last.b + last.length == block.b) {
                joined.set(joined.size() - 1, new Block(last.a, last.b, last.length + block.length));
            } else {
                joined.add(block);
            }
        }
        return joined;
    }
}
