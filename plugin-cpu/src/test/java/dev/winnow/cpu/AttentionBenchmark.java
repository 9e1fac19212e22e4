package dev.winnow.cpu;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KvType;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.contract.AttentionCase;
import dev.winnow.spi.contract.NaiveAttention;
import dev.winnow.spi.contract.SimpleAttentionTile;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Attention of one tile: a single query (generation) or 64 (a prompt) of three heads, over all keys or every eighth block of them, beside its scalar twin.
 * Both are compared once before they are measured.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls prepare() first
public class AttentionBenchmark {

    private static final int HEADS = 3;

    @Param({"64", "256"})
    int dim;

    @Param({"1", "64"})
    int queries;

    @Param("4096")
    int keys;

    /** Of how many blocks of 64 keys one is kept. */
    @Param({"1", "8"})
    int oneBlockOf;

    private final AttentionBackend backend = new CpuAttention(1, 0);
    private final AttentionAccumulator sums = new AttentionAccumulator();
    private SimpleAttentionTile tile;
    private AttentionMask mask;
    private float[] out; // [dim]

    /** Makes random queries, keys and values, and compares both results. */
    @Setup(Level.Trial)
    public void prepare() {
        AttentionCase shape = AttentionCase.of(KvType.F16, dim, HEADS, queries, keys);
        tile = shape.tile(1, 1);
        mask = shape.mask(MaskBase.CAUSAL, tile);
        int last = mask.blockCount() - 1;
        for (int head = 0; head < HEADS; head++) {
            for (int block = 0; block < last; block++) {
                if (block % oneBlockOf != 0) {
                    mask.removeBlocks(head, block, block + 1);
                }
            }
        }
        mask.seal();
        out = new float[dim];
        double[][] expected = scalar();
        vector();
        for (int row = 0; row < HEADS * queries; row++) {
            sums.finish(row, Float.NEGATIVE_INFINITY, out, 0);
            for (int c = 0; c < dim; c++) {
                // Five times what AttentionBackendContract allows: enough to see that the right thing is measured.
                if (!(Math.abs(out[c] - expected[row][c]) <= 1e-4)) {
                    throw new IllegalStateException("row " + row + ", output " + c + " is " + out[c] + " and not " + expected[row][c]);
                }
            }
        }
    }

    /** The kernels of this plug-in. */
    @Benchmark
    public AttentionAccumulator vector() {
        sums.reset(HEADS * queries, dim);
        backend.attend(tile, mask, 0, mask.blockCount(), sums);
        return sums;
    }

    /** One key after the other, in double precision. */
    @Benchmark
    public double[][] scalar() {
        return NaiveAttention.attend(tile, mask);
    }
}
