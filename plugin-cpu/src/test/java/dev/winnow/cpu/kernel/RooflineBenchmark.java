package dev.winnow.cpu.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the machine can do, for the other benchmarks to be compared with: the throughput is in operations per nanosecond, that is GFLOP/s for
 * {@link #multiplyAdd} and GB/s for {@link #readMemory}. With {@code -t 2} for two threads.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls prepare() first
public class RooflineBenchmark {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int STEPS = 1 << 16;
    private static final int CHAINS = 12;

    /** Two for each lane of 512 bits; with vectors of 256 bits the true number is half of what is reported, with 128 a quarter. */
    private static final int OPERATIONS = 2 * 16 * CHAINS * STEPS;

    /** Many times the size of any L3 cache slice. */
    private static final int BYTES = 1 << 28;

    private final Arena arena = Arena.ofShared();
    private MemorySegment memory;
    private float factor = 0.999f;

    /** Allocates and touches the memory. */
    @Setup(Level.Trial)
    public void prepare() {
        memory = arena.allocate(BYTES, 64).fill((byte) 1);
    }

    /** Frees the memory. */
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
    }

    /** Independent chains of multiply-adds in registers, more than latency times units. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public float multiplyAdd() {
        FloatVector f = FloatVector.broadcast(FLOATS, factor);
        FloatVector a = f, b = f.add(1), c = f.add(2), d = f.add(3), e = f.add(4), g = f.add(5);
        FloatVector h = f.add(6), i = f.add(7), j = f.add(8), k = f.add(9), l = f.add(10), m = f.add(11);
        for (int step = 0; step < STEPS; step++) {
            a = a.fma(f, f);
            b = b.fma(f, f);
            c = c.fma(f, f);
            d = d.fma(f, f);
            e = e.fma(f, f);
            g = g.fma(f, f);
            h = h.fma(f, f);
            i = i.fma(f, f);
            j = j.fma(f, f);
            k = k.fma(f, f);
            l = l.fma(f, f);
            m = m.fma(f, f);
        }
        return VectorSupport.sumLanes(a.add(b).add(c).add(d).add(e).add(g).add(h).add(i).add(j).add(k).add(l).add(m));
    }

    /** Reads memory from front to back. */
    @Benchmark
    @OperationsPerInvocation(BYTES)
    public float readMemory() {
        MemorySegment view = VectorSupport.view(memory);
        long base = VectorSupport.base(memory) & VectorSupport.ADDRESSES;
        FloatVector a = FloatVector.zero(FLOATS), b = a, c = a, d = a;
        int vector = FLOATS.vectorByteSize();
        for (int at = 0; at < BYTES; at += 4 * vector) {
            a = a.add(FloatVector.fromMemorySegment(FLOATS, view, base + at, LITTLE_ENDIAN));
            b = b.add(FloatVector.fromMemorySegment(FLOATS, view, base + at + vector, LITTLE_ENDIAN));
            c = c.add(FloatVector.fromMemorySegment(FLOATS, view, base + at + 2 * vector, LITTLE_ENDIAN));
            d = d.add(FloatVector.fromMemorySegment(FLOATS, view, base + at + 3 * vector, LITTLE_ENDIAN));
        }
        return VectorSupport.sumLanes(a.add(b).add(c).add(d));
    }
}
