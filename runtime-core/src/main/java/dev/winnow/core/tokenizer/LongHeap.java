package dev.winnow.core.tokenizer;

import java.util.Arrays;

/** A binary heap of numbers, the least first. */
final class LongHeap {

    private long[] values = new long[64];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        int hole = size++;
        while (hole > 0 && values[hole - 1 >> 1] > value) {
            values[hole] = values[hole - 1 >> 1];
            hole = hole - 1 >> 1;
        }
        values[hole] = value;
    }

    /** Removes and returns the least value of a heap that is not empty. */
    long poll() {
        long least = values[0];
        long last = values[--size];
        int hole = 0;
        for (int child = 1; child < size; child = 2 * hole + 1) {
            if (child + 1 < size && values[child + 1] < values[child]) {
                child++;
            }
            if (values[child] >= last) {
                break;
            }
            values[hole] = values[child];
            hole = child;
        }
        values[hole] = last;
        return least;
    }
}
