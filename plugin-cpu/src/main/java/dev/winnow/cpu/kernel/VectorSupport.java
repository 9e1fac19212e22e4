package dev.winnow.cpu.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/** Vector width and memory access that all kernels of this plug-in share. Initialise only after {@link VectorAvailability#probe} has agreed. */
public final class VectorSupport {

    /** The float vectors of all kernels: the CPU's preferred width, 512 bits at most, or what {@value VectorAvailability#BITS_PROPERTY} says. */
    static final VectorSpecies<Float> FLOATS = chooseFloats();

    /** The int vectors with as many lanes as {@link #FLOATS}. */
    static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

    /** The number of floats in a vector: 4, 8 or 16. */
    public static final int LANES = FLOATS.length();

    static final int VECTOR_BYTES = LANES * Float.BYTES;

    /** The bits of 1, among which row kernels set a quant as the upper bits of the mantissa. */
    static final IntVector ONE = IntVector.broadcast(INTS, VectorMath.ONE_BITS);

    /** The lower four bits of each byte of a word. */
    static final int NIBBLES = 0x0f0f0f0f;

    /**
     * Whether a tile of 6 × 2 or 4 × 4 vectors of sums fits the registers: AVX-512 and 64-bit ARM have 32, AVX2 and SSE 16;
     * {@value VectorAvailability#REGISTERS_PROPERTY} overrides it. C2 loads everything that a turn of a loop
     * reads before its first multiply-add, so that a tile needs registers for all of its sums, columns and rows; when they are too few, sums go through memory
     * in each turn, and a product takes twice the time.
     */
    static final boolean MANY_REGISTERS = Integer.getInteger(VectorAvailability.REGISTERS_PROPERTY,
            LANES == 16 || System.getProperty("os.arch").equals("aarch64") ? 32 : 16) == 32;

    private static final VectorShuffle<Float> SWAP_1 = swap(1);
    private static final VectorShuffle<Float> SWAP_2 = swap(2);
    private static final VectorShuffle<Float> SWAP_4 = swap(4);
    private static final VectorShuffle<Float> SWAP_8 = swap(8);

    /**
     * All of native memory as one constant segment: an access through it by absolute address has no check of bounds and liveness left that the compiler could
     * not fold, which such accesses otherwise carry into every inner loop. Callers validate ranges once, before a kernel. Null if the JVM denies native access.
     */
    private static final @Nullable MemorySegment ALL = allOfMemory();

    /**
     * Masks an absolute address or the position in a segment. The compiler then knows that the sum of it and a small number is neither negative nor beyond
     * {@link #ALL}, and drops the check of every access. A kernel masks where its addresses begin: knowledge does not pass through parameters.
     */
    static final long ADDRESSES = Long.MAX_VALUE >> 1;

    private VectorSupport() {}

    /** Returns what the kernels use, in words. */
    public static String hardware() {
        return "vectors of " + FLOATS.vectorBitSize() + " bits";
    }

    /** Returns the number of bits of the widest vectors that hold floats here; kernels are written for 512 at most. */
    static int widestBits() {
        return Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());
    }

    /**
     * Returns the segment through which a kernel reads {@code data}, which is native. Together with {@link #base}, byte i of the data is at
     * {@code base(data) + i}. Kernels call it at their top, so that the compiler sees the constant. The caller keeps {@code data} reachable.
     */
    public static MemorySegment view(MemorySegment data) {
        return ALL == null ? data : ALL;
    }

    /** Returns the position of the first byte of {@code data} in {@link #view}. */
    public static long base(MemorySegment data) {
        return ALL == null ? 0 : data.address();
    }

    /**
     * Returns the sum of the lanes, always added in the same order: halves first, then quarters, and so on. That of {@link FloatVector#reduceLanes} is not
     * defined and differs between compiled and interpreted code, by which results would depend on how warm the JVM is.
     */
    static float sumLanes(FloatVector vector) {
        FloatVector sum = vector;
        if (LANES == 16) {
            sum = sum.add(sum.rearrange(SWAP_8));
        }
        if (LANES >= 8) {
            sum = sum.add(sum.rearrange(SWAP_4));
        }
        sum = sum.add(sum.rearrange(SWAP_2));
        return sum.add(sum.rearrange(SWAP_1)).lane(0);
    }

    private static VectorShuffle<Float> swap(int distance) {
        return VectorShuffle.fromOp(FLOATS, lane -> (lane ^ distance) % LANES);
    }

    private static VectorSpecies<Float> chooseFloats() {
        int bits = Math.min(Integer.getInteger(VectorAvailability.BITS_PROPERTY, widestBits()), widestBits());
        return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
    }

    @SuppressWarnings("restricted") // without --enable-native-access the JVM warns once, or denies it if told so
    private static @Nullable MemorySegment allOfMemory() {
        try {
            return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
        } catch (IllegalCallerException e) {
            return null;
        }
    }
}
