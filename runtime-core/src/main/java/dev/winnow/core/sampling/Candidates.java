package dev.winnow.core.sampling;

import dev.winnow.api.WinnowException;

/**
 * The tokens that are still in the running, with their logits. Starts in the order of ids; {@link #orderTop} sorts as much of it as is needed. One array for
 * the life of a sampler: nothing is allocated per token.
 *
 * <p>A candidate is one {@code long}: the logit's bits, mapped so that integers compare as the floats do, above the complement of the id. So a larger key is
 * a better candidate, and of equal logits the lower id is the better one.
 */
final class Candidates {

    private final long[] keys; // [vocabulary size], the first `size` are in the running
    private int size;
    private int ordered; // the first `ordered` are the best ones, best first

    Candidates(int capacity) {
        keys = new long[capacity];
    }

    private static long key(float logit, int id) {
        int bits = Float.floatToIntBits(logit + 0.0f); // -0 becomes +0, they are equal as logits; every NaN becomes the largest key, where it is seen
        int sortable = bits ^ ((bits >> 31) & 0x7fffffff);
        return ((long) sortable << 32) | (~id & 0xffffffffL);
    }

    void clear() {
        size = 0;
        ordered = 0;
    }

    /** Adds the tokens {@code from..to-1}. */
    void addRange(float[] logits, int from, int to) {
        for (int id = from; id < to; id++) {
            keys[size++] = key(logits[id], id);
        }
    }

    int size() {
        return size;
    }

    int id(int index) {
        return ~(int) keys[index];
    }

    float logit(int index) {
        return logitOf(keys[index]);
    }

    private static float logitOf(long key) {
        int sortable = (int) (key >> 32);
        return Float.intBitsToFloat(sortable ^ ((sortable >> 31) & 0x7fffffff));
    }

    /** Changes a logit; the order is unknown afterwards. */
    void setLogit(int index, float logit) {
        keys[index] = key(logit, id(index));
        ordered = 0;
    }

    /**
     * Returns the largest logit.
     *
     * @throws WinnowException if it is not a finite number
     */
    float maximum() {
        long best = keys[0];
        if (ordered == 0) {
            for (int i = 1; i < size; i++) {
                best = Math.max(best, keys[i]);
            }
        }
        return requireFinite(logitOf(best));
    }

    /** Returns the logit, the largest of all, if it is a finite number. */
    static float requireFinite(float maximum) {
        if (!Float.isFinite(maximum)) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The largest logit is " + maximum
                    + ", so no token can be chosen; the model's weights are damaged or overflow: load the model with its tensors checked.");
        }
        return maximum;
    }

    /** Divides the logits by a positive number, which keeps the order. */
    void divide(float divisor) {
        for (int i = 0; i < size; i++) {
            keys[i] = key(logit(i) / divisor, id(i));
        }
    }

    /** Keeps the first ones. */
    void cut(int count) {
        size = count;
        ordered = Math.min(ordered, count);
    }

    /** Keeps the candidates with at least this logit, in their order. */
    void retainAtLeast(float threshold) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (logit(i) >= threshold) {
                keys[kept++] = keys[i];
            }
        }
        ordered = Math.min(ordered, kept);
        size = kept;
    }

    /**
     * Brings the best {@code count} candidates to the front, best first. A heap of the ones found so far, worst at its root, meets every other candidate once:
     * most of a large vocabulary costs one comparison each.
     */
    void orderTop(int count) {
        int wanted = Math.min(count, size);
        if (wanted <= ordered) {
            return;
        }
        int base = ordered;
        int length = wanted - base;
        for (int root = length / 2 - 1; root >= 0; root--) {
            siftDown(base, root, length);
        }
        for (int i = wanted; i < size; i++) {
            if (keys[i] > keys[base]) {
                swap(i, base);
                siftDown(base, 0, length);
            }
        }
        for (int last = length - 1; last > 0; last--) { // heap sort: the worst goes to the end
            swap(base, base + last);
            siftDown(base, 0, last);
        }
        ordered = wanted;
    }

    private void siftDown(int base, int root, int length) {
        long moved = keys[base + root];
        int hole = root;
        for (int child = 2 * hole + 1; child < length; child = 2 * hole + 1) {
            if (child + 1 < length && keys[base + child + 1] < keys[base + child]) {
                child++;
            }
            if (keys[base + child] >= moved) {
                break;
            }
            keys[base + hole] = keys[base + child];
            hole = child;
        }
        keys[base + hole] = moved;
    }

    private void swap(int a, int b) {
        long key = keys[a];
        keys[a] = keys[b];
        keys[b] = key;
    }
}
