package dev.winnow.cpu;

import dev.winnow.cpu.kernel.ActivationOrder;
import dev.winnow.spi.Activations;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Activations with the copies that row kernels read; products of more than {@value #ROW_TOKENS} tokens read the values themselves. */
final class CpuActivations extends Activations {

    /** The largest number of tokens for which the rows of a matrix are unpacked once per token. */
    static final int ROW_TOKENS = 3;

    private static final ActivationOrder[] ORDERS = ActivationOrder.values();
    private static final int CACHE_LINE = 64;

    private final OrdersInUse inUse;
    private final MemorySegment copies; // [order][token], each from the start of a cache line
    private final float[] copy; // on its way to the others
    private final long[] starts = new long[ORDERS.length]; // bytes
    private final long[] strides = new long[ORDERS.length]; // bytes from one token to the next
    private int derived; // bit set of orders

    CpuActivations(int maxTokens, int columns, OrdersInUse inUse) {
        super(maxTokens, columns);
        this.inUse = inUse;
        int tokens = Math.min(maxTokens, ROW_TOKENS);
        long size = 0;
        int largest = 0;
        for (ActivationOrder order : ORDERS) {
            if (order.fits(columns)) {
                long bytes = (long) order.size(columns) * Float.BYTES;
                starts[order.ordinal()] = size;
                strides[order.ordinal()] = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
                size += tokens * strides[order.ordinal()];
                largest = Math.max(largest, order.size(columns));
            }
        }
        // Outside the heap, because vectors that straddle cache lines cost two loads each, and arrays begin 16 bytes after a multiple of 8.
        copy = new float[largest];
        copies = Arena.ofAuto().allocate(size, CACHE_LINE);
    }

    @Override
    protected void derive() {
        derived = 0;
        if (tokens() > ROW_TOKENS) {
            return;
        }
        for (ActivationOrder order : ORDERS) {
            if (inUse.contains(order) && order.fits(columns())) {
                for (int token = 0; token < tokens(); token++) {
                    order.arrange(values(), token * columns(), columns(), copy);
                    MemorySegment.copy(copy, 0, copies, ValueLayout.JAVA_FLOAT, offset(order, token), order.size(columns()));
                }
                derived |= 1 << order.ordinal();
            }
        }
    }

    /** Returns whether there are copies in this order. */
    boolean has(ActivationOrder order) {
        return (derived & 1 << order.ordinal()) != 0;
    }

    /** Returns the memory of all copies. */
    MemorySegment copies() {
        return copies;
    }

    /** Returns the byte position of a token's copy. */
    long offset(ActivationOrder order, int token) {
        return starts[order.ordinal()] + token * strides[order.ordinal()];
    }
}
