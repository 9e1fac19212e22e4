package dev.winnow.cpu;

import dev.winnow.cpu.kernel.ActivationOrder;
import java.util.concurrent.atomic.AtomicInteger;

/** The orders that some prepared matrix reads, so that activations are copied into no other. Thread-safe. */
final class OrdersInUse {

    private final AtomicInteger bits = new AtomicInteger();

    void add(ActivationOrder order) {
        bits.accumulateAndGet(1 << order.ordinal(), (a, b) -> a | b);
    }

    boolean contains(ActivationOrder order) {
        return (bits.get() & 1 << order.ordinal()) != 0;
    }
}
