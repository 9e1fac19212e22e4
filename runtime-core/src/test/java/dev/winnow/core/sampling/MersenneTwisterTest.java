package dev.winnow.core.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Against the outputs of libstdc++'s {@code std::mt19937} and {@code std::uniform_real_distribution<double>}. */
class MersenneTwisterTest {

    @Test
    void givesTheOutputsOfTheStandard() {
        assertOutputs(5489, 4123659995L, 3499211612L, 581869302L, 3890346734L, 3586334585L, 545404204L);
        assertOutputs(0, 1543171712L, 2357136044L, 2546248239L, 3071714933L, 3626093760L, 2588848963L);
        assertOutputs(1, 1237896635L, 1791095845L, 4282876139L, 3093770124L, 4005303368L, 491263L);
        assertOutputs(42, 1399405940L, 1608637542L, 3421126067L, 4083286876L, 787846414L, 3143890026L);
        assertOutputs(-2, 2699753814L, 2236247450L, 437438088L, 2243395601L, 4071188816L, 2373037623L);
    }

    private static void assertOutputs(int seed, long tenThousandth, long... first) {
        MersenneTwister random = new MersenneTwister(seed);
        long last = 0;
        for (int i = 0; i < 10_000; i++) {
            last = Integer.toUnsignedLong(random.nextBits());
            if (i < first.length) {
                assertEquals(first[i], last, "output " + i + " of seed " + seed);
            }
        }
        assertEquals(tenThousandth, last, "10000th output of seed " + seed);
    }

    @Test
    void makesDoublesAsLibstdcxxDoes() {
        assertUniforms(5489, 0x1.d6c66ba7bbc6ap-1, 0x1.1574f7b6848dep-3, 0x1.ab863ef3cfc3fp-1, 0x1.f00f6fbe41047p-1, 0x1.c4ad7f0f4e98p-3);
        assertUniforms(42, 0x1.0ae7ebe0e45aep-1, 0x1.97d47b66bfc3cp-1, 0x1.77aca8779b102p-3, 0x1.8f33a88f76c7fp-1, 0x1.3196582932836p-1);
        assertUniforms(-2, 0x1.0ce3938f67d03p-2, 0x1.a12c688854a6ep-4, 0x1.e552d2a10b6fp-1, 0x1.a869f5731ae36p-1, 0x1.7d43e4ce6e521p-2);
    }

    private static void assertUniforms(int seed, double thousandth, double... first) {
        MersenneTwister random = new MersenneTwister(seed);
        double last = 0;
        for (int i = 0; i < 1000; i++) {
            last = random.nextUniform();
            if (i < first.length) {
                assertEquals(first[i], last, "number " + i + " of seed " + seed);
            }
        }
        assertEquals(thousandth, last, "1000th number of seed " + seed);
    }
}
