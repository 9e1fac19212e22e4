package dev.winnow.cpu.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Rows of F32, F16, BF16 and, with vectors of 512 bits, Q8_0. The first three have two chains of multiply-adds, as memory delivers no more. */
public final class PlainRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;

    private static final VectorSpecies<Short> SHORTS = PageReader.SHORTS;
    private static final VectorSpecies<Byte> BYTES = PageReader.BYTES;

    private static final int Q8_0_BYTES = 34;

    private PlainRows() {}

    public static void f32(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xAt = (VectorSupport.base(x) + xOffset) & VectorSupport.ADDRESSES;
        for (int row = 0; row < rows; row++) {
            long at = (first + row * rowBytes) & VectorSupport.ADDRESSES;
            FloatVector even = FloatVector.zero(FLOATS);
            FloatVector odd = FloatVector.zero(FLOATS);
            int c = 0;
            for (; c <= columns - 2 * LANES; c += 2 * LANES) {
                even = FloatVector.fromMemorySegment(FLOATS, memory, at + 4L * c, LITTLE_ENDIAN)
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4L * c, LITTLE_ENDIAN), even);
                odd = FloatVector.fromMemorySegment(FLOATS, memory, at + 4L * c + 4 * LANES, LITTLE_ENDIAN)
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4L * c + 4 * LANES, LITTLE_ENDIAN), odd);
            }
            float tail = 0;
            for (; c < columns; c++) {
                float weight = Float.intBitsToFloat(memory.get(WeightBytes.INT, at + 4L * c));
                tail = Math.fma(weight, activations.get(ValueLayout.JAVA_FLOAT, xAt + 4L * c), tail);
            }
            even.add(odd).add(FloatVector.broadcast(FLOATS, tail / LANES))
                    .intoArray(sums, row * LANES);
        }
    }

    public static void f16(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xAt = (VectorSupport.base(x) + xOffset) & VectorSupport.ADDRESSES;
        for (int row = 0; row < rows; row++) {
            long at = (first + row * rowBytes) & VectorSupport.ADDRESSES;
            FloatVector even = FloatVector.zero(FLOATS);
            FloatVector odd = FloatVector.zero(FLOATS);
            int c = 0;
            for (; c <= columns - 2 * LANES; c += 2 * LANES) {
                IntVector bits = (IntVector) ShortVector.fromMemorySegment(SHORTS, memory, at + 2L * c, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.S2I, INTS, 0);
                IntVector evenHalves = bits.lanewise(VectorOperators.LSHL, 16);
                IntVector evenWeightsBits = evenHalves.lanewise(VectorOperators.LSHR, 3).and(Halves.MAGNITUDE).or(Halves.EXPONENT);
                FloatVector evenWeights = evenWeightsBits
                        .min(evenWeightsBits.reinterpretAsFloats().fma(Halves.TWO, Halves.MINUS_SMALLEST_NORMAL).reinterpretAsInts())
                        .or(evenHalves.and(Halves.SIGN)).reinterpretAsFloats();
                even = evenWeights.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4L * c, LITTLE_ENDIAN), even);
                bits = (IntVector) ShortVector.fromMemorySegment(SHORTS, memory, at + 2L * c + 2 * LANES, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.S2I, INTS, 0);
                IntVector oddHalves = bits.lanewise(VectorOperators.LSHL, 16);
                IntVector oddWeightsBits = oddHalves.lanewise(VectorOperators.LSHR, 3).and(Halves.MAGNITUDE).or(Halves.EXPONENT);
                FloatVector oddWeights = oddWeightsBits
                        .min(oddWeightsBits.reinterpretAsFloats().fma(Halves.TWO, Halves.MINUS_SMALLEST_NORMAL).reinterpretAsInts())
                        .or(oddHalves.and(Halves.SIGN)).reinterpretAsFloats();
                odd = oddWeights.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4L * c + 4 * LANES, LITTLE_ENDIAN), odd);
            }
            float tail = 0;
            for (; c < columns; c++) {
                tail = Math.fma(Float.float16ToFloat(memory.get(WeightBytes.SHORT, at + 2L * c)),
                        activations.get(ValueLayout.JAVA_FLOAT, xAt + 4L * c), tail);
            }
            even.add(odd).mul(Halves.UNIT).add(FloatVector.broadcast(FLOATS, tail / LANES))
                    .intoArray(sums, row * LANES);
        }
    }

    public static void bf16(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xAt = (VectorSupport.base(x) + xOffset) & VectorSupport.ADDRESSES;
        for (int row = 0; row < rows; row++) {
            long at = (first + row * rowBytes) & VectorSupport.ADDRESSES;
            FloatVector even = FloatVector.zero(FLOATS);
            FloatVector odd = FloatVector.zero(FLOATS);
            int c = 0;
            for (; c <= columns - 2 * LANES; c += 2 * LANES) {
                IntVector bits = (IntVector) ShortVector.fromMemorySegment(SHORTS, memory, at + 2L * c, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.S2I, INTS, 0);
                even = bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4L * c, LITTLE_ENDIAN), even);
                bits = (IntVector) ShortVector.fromMemorySegment(SHORTS, memory, at + 2L * c + 2 * LANES, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.S2I, INTS, 0);
                odd = bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4L * c + 4 * LANES, LITTLE_ENDIAN), odd);
            }
            float tail = 0;
            for (; c < columns; c++) {
                float weight = Float.intBitsToFloat(memory.get(WeightBytes.SHORT, at + 2L * c) << 16);
                tail = Math.fma(weight, activations.get(ValueLayout.JAVA_FLOAT, xAt + 4L * c), tail);
            }
            even.add(odd).add(FloatVector.broadcast(FLOATS, tail / LANES))
                    .intoArray(sums, row * LANES);
        }
    }

    public static void q8_0(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int block = 0; block < columns / 32; block++) {
                long at = (start + (long) block * Q8_0_BYTES) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + 128L * block) & VectorSupport.ADDRESSES;
                FloatVector products = FloatVector.zero(FLOATS);
                for (int c = 0; c < 32; c += 2 * LANES) {
                    ByteVector bytes = ByteVector.fromMemorySegment(BYTES, memory, at + 2 + c, LITTLE_ENDIAN);
                    IntVector quants = (IntVector) bytes.convertShape(VectorOperators.B2I, INTS, 0);
                    products = ((FloatVector) quants.convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4 * c, LITTLE_ENDIAN), products);
                    quants = (IntVector) ByteVector.fromMemorySegment(BYTES, memory, at + 2 + c + LANES, LITTLE_ENDIAN)
                            .convertShape(VectorOperators.B2I, INTS, 0);
                    products = ((FloatVector) quants.convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4 * c + 4 * LANES, LITTLE_ENDIAN), products);
                }
                sum = products.fma(FloatVector.broadcast(FLOATS, Float.float16ToFloat(memory.get(WeightBytes.SHORT, at))), sum);
            }
            sum.intoArray(sums, row * LANES);
        }
    }
}
