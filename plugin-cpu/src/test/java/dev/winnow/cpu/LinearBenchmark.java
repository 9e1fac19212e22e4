package dev.winnow.cpu;

import dev.winnow.spi.Activations;
import dev.winnow.spi.GgmlType;
import dev.winnow.spi.Linear;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.WeightMatrix;
import dev.winnow.spi.contract.RandomWeights;
import java.lang.foreign.Arena;
import java.util.Random;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One product of a weight matrix with one token (generation) or many (a prompt), beside its scalar twin, which decodes a row and multiplies it with every
 * token. Both are compared once before they are measured. The profile {@code benchmark} of the module's POM shows how
 * to run it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 3, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls prepare() first
public class LinearBenchmark {

    @Param({"F16", "Q4_0", "Q4_1", "Q5_0", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
    GgmlType type;

    @Param({"1", "16", "512"})
    int tokens;

    @Param("1536")
    int rows;

    @Param("2048")
    int columns;

    private final Arena arena = Arena.ofShared();
    private WeightMatrix weights;
    private Linear linear;
    private Activations x;
    private float[] out; // [tokens][rows]
    private float[] row; // [columns]

    /** Makes random weights and activations, and compares both products. */
    @Setup(Level.Trial)
    public void prepare() {
        weights = RandomWeights.matrix(arena, type, rows, columns, 0, 1);
        LinearBackend backend = new CpuLinear(1);
        linear = backend.prepare(weights);
        x = backend.newActivations(tokens, columns);
        Random random = new Random(2);
        for (int i = 0; i < x.values().length; i++) {
            x.values()[i] = (float) random.nextGaussian();
        }
        x.seal(tokens);
        row = new float[columns];
        out = new float[tokens * rows];
        scalar();
        float[] expected = out;
        out = new float[tokens * rows];
        vector();
        for (int i = 0; i < out.length; i++) {
            // F32 sums in another order differ by far less, a kernel that computes something else by about √columns.
            if (!(Math.abs(out[i] - expected[i]) <= 1e-4 * (Math.abs(expected[i]) + Math.sqrt(columns)))) {
                throw new IllegalStateException(type + ": output " + i + " is " + out[i] + " and not " + expected[i]);
            }
        }
    }

    /** Frees the weights. */
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
    }

    /** The kernels of this plug-in. */
    @Benchmark
    public float[] vector() {
        linear.multiply(0, x, 0, rows, out, 0, rows);
        return out;
    }

    /** One row decoded and multiplied after the other. */
    @Benchmark
    public float[] scalar() {
        for (int r = 0; r < rows; r++) {
            type.dequantize(weights.data(), r * weights.rowBytes(), columns, row, 0);
            for (int token = 0; token < tokens; token++) {
                float sum = 0;
                for (int c = 0; c < columns; c++) {
                    sum += row[c] * x.values()[token * columns + c];
                }
                out[token * rows + r] = sum;
            }
        }
        return out;
    }
}
