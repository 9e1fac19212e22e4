package dev.winnow.core.sampling;

/**
 * The MT19937 generator of Matsumoto and Nishimura with the seeding of C++'s {@code std::mt19937}, so that a seed means what it means to llama.cpp. Not
 * thread-safe.
 */
final class MersenneTwister {

    private static final int LENGTH = 624;
    private static final int SHIFT = 397;
    private static final double TWO_POW_32 = 0x1p32;

    private final int[] state = new int[LENGTH];
    private int index = LENGTH;

    MersenneTwister(int seed) {
        state[0] = seed;
        for (int i = 1; i < LENGTH; i++) {
            int previous = state[i - 1];
            state[i] = 1812433253 * (previous ^ (previous >>> 30)) + i;
        }
    }

    /** Returns the next 32 bits. */
    int nextBits() {
        if (index == LENGTH) {
            twist();
        }
        int bits = state[index++];
        bits ^= bits >>> 11;
        bits ^= (bits << 7) & 0x9d2c5680;
        bits ^= (bits << 15) & 0xefc60000;
        return bits ^ (bits >>> 18);
    }

    /**
     * Returns a number of [0, 1), as libstdc++'s {@code uniform_real_distribution<double>} makes it: two outputs, the low word first, divided by 2⁶⁴.
     */
    double nextUniform() {
        double low = Integer.toUnsignedLong(nextBits());
        double high = Integer.toUnsignedLong(nextBits());
        double result = (low + high * TWO_POW_32) / (TWO_POW_32 * TWO_POW_32);
        return result < 1 ? result : Math.nextDown(1.0); // the sum can round up to 2^64
    }

    private void twist() {
        for (int i = 0; i < LENGTH; i++) {
            int joined = (state[i] & 0x80000000) | (state[(i + 1) % LENGTH] & 0x7fffffff);
            state[i] = state[(i + SHIFT) % LENGTH] ^ (joined >>> 1) ^ (-(joined & 1) & 0x9908b0df);
        }
        index = 0;
    }
}
