package dev.winnow.core.sampling;

/** MT19937 (Matsumoto and Nishimura 1998), as {@code std::mt19937}: the random numbers of llama.cpp, so that a seed draws the same tokens. */
final class MersenneTwister {

    private static final int SIZE = 624;
    private static final int SHIFT = 397;

    private final int[] state = new int[SIZE];
    private int next = SIZE;

    MersenneTwister(int seed) {
        state[0] = seed;
        for (int i = 1; i < SIZE; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
        }
    }

    /** Returns the next 32 random bits, unsigned. */
    long nextWord() {
        if (next == SIZE) {
            twist();
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= y << 7 & 0x9D2C5680;
        y ^= y << 15 & 0xEFC60000;
        y ^= y >>> 18;
        return y & 0xFFFF_FFFFL;
    }

    private void twist() {
        for (int i = 0; i < SIZE; i++) {
            int y = state[i] & 0x80000000 | state[(i + 1) % SIZE] & 0x7FFFFFFF;
            state[i] = state[(i + SHIFT) % SIZE] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
        }
        next = 0;
    }

    /** Returns a number of [0, 1) from two words, low word first, as libstdc++'s {@code uniform_real_distribution<double>} does. */
    double nextDouble() {
        double low = nextWord();
        double value = (low + nextWord() * 0x1p32) * 0x1p-64;
        return value < 1 ? value : Math.nextDown(1.0);
    }
}
