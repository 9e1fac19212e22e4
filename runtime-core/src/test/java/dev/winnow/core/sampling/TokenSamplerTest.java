package dev.winnow.core.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.winnow.api.SamplingOptions;
import dev.winnow.api.SamplingOptions.Sampler;
import dev.winnow.api.WinnowException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenSamplerTest {

    @Test
    void greedyTakesTheLowestOfEqualMaxima() {
        TokenSampler sampler = TokenSampler.of(SamplingOptions.greedy(), 5);
        assertEquals(1, sampler.sample(new float[]{-1, 3, 2, 3, 3}));
        assertEquals(0, sampler.sample(new float[]{-0.0f, 0.0f, -2, -2, -2}));
    }

    @Test
    void greedyWithPenaltiesGoesThroughTheChain() {
        TokenSampler sampler = TokenSampler.of(SamplingOptions.greedy().withPenalties(2, 0, 0, 1), 4);
        float[] logits = {1, 3, 2, -5};
        assertEquals(1, sampler.sample(logits));
        sampler.accept(1);
        assertEquals(2, sampler.sample(logits), "3 / 2 is less than 2");
        sampler.accept(0);
        assertEquals(1, sampler.sample(logits), "token 1 has left the window of one token");
    }

    @Test
    void suppressedTokensAreNeverChosen() {
        BitSet suppressed = new BitSet();
        suppressed.set(0);
        suppressed.set(2);
        suppressed.set(1_000_000);
        float[] logits = {9, 1, 8, 2};
        assertEquals(3, TokenSampler.of(SamplingOptions.greedy(), 4, suppressed).sample(logits));
        TokenSampler sampler = TokenSampler.of(SamplingOptions.defaults().withMinP(0).withTopP(1).withSeed(1), 4, suppressed);
        BitSet seen = new BitSet();
        for (int i = 0; i < 1000; i++) {
            seen.set(sampler.sample(logits));
        }
        assertEquals("{1, 3}", seen.toString());
        suppressed.set(0, 4);
        assertThrows(WinnowException.class, () -> TokenSampler.of(SamplingOptions.greedy(), 4, suppressed));
    }

    @Test
    void choosesAsTheNaiveChainDoes() {
        Random random = new Random(7);
        for (int trial = 0; trial < 3000; trial++) {
            int vocabularySize = 1 + random.nextInt(trial % 100 == 0 ? 6000 : 60);
            SamplingOptions options = randomOptions(random, vocabularySize);
            List<Integer> suppressed = new ArrayList<>();
            for (int id = 1; id < vocabularySize; id++) {
                if (random.nextInt(20) == 0) {
                    suppressed.add(id);
                }
            }
            BitSet suppressedSet = new BitSet();
            suppressed.forEach(suppressedSet::set);
            NaiveSampler naive = new NaiveSampler(options);
            TokenSampler sampler = TokenSampler.of(options, vocabularySize, suppressedSet);
            for (int step = 0; step < 8; step++) {
                float[] logits = randomLogits(random, vocabularySize);
                int expected = naive.sample(logits, suppressed);
                assertEquals(expected, sampler.sample(logits), "trial " + trial + ", step " + step + ", " + options);
                naive.accept(expected);
                sampler.accept(expected);
            }
        }
    }

    private static SamplingOptions randomOptions(Random random, int vocabularySize) {
        List<Sampler> sequence = new ArrayList<>(List.of(Sampler.values()));
        Collections.shuffle(sequence, random);
        float[] temperatures = {-1, 0, 0.3f, 1, 2.5f};
        return SamplingOptions.defaults().withSequence(sequence.subList(0, random.nextInt(6)))
                .withTemperature(temperatures[random.nextInt(5)])
                .withTopK(random.nextInt(vocabularySize + 10)).withTopP(random.nextBoolean() ? 1 : random.nextFloat())
                .withMinP(random.nextBoolean() ? 0 : random.nextFloat() * 0.2f).withSeed(random.nextInt(1000))
                .withPenalties(0.5f + random.nextFloat(), random.nextFloat() - 0.5f, random.nextFloat() - 0.5f, random.nextInt(6) - 1);
    }

    /** Half of the time whole numbers, so that many logits are equal. */
    private static float[] randomLogits(Random random, int count) {
        boolean whole = random.nextBoolean();
        float[] logits = new float[count];
        for (int i = 0; i < count; i++) {
            float logit = (float) random.nextGaussian() * 3;
            logits[i] = whole ? Math.round(logit) : logit;
        }
        return logits;
    }

    @Test
    void drawsWithTheProbabilitiesOfTheSoftmax() {
        float[] logits = {0, 1, 2, 3, 0.5f, -1};
        SamplingOptions options = SamplingOptions.defaults().withTopK(0).withTopP(1).withMinP(0).withTemperature(0.7f).withSeed(11);
        TokenSampler sampler = TokenSampler.of(options, logits.length);
        int draws = 200_000;
        int[] counts = new int[logits.length];
        for (int i = 0; i < draws; i++) {
            counts[sampler.sample(logits)]++;
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit / 0.7);
        }
        double chiSquared = 0;
        for (int id = 0; id < logits.length; id++) {
            double expected = draws * Math.exp(logits[id] / 0.7) / sum;
            chiSquared += (counts[id] - expected) * (counts[id] - expected) / expected;
        }
        assertTrue(chiSquared < 20.5,
                "chi-squared with 5 degrees of freedom exceeds 20.5 once in 1000 seeds, and the seed is fixed: " + chiSquared);
    }

    @Test
    void equalSeedsGiveEqualTokensAndMinusOneIsRandom() {
        SamplingOptions options = SamplingOptions.defaults().withTopP(1).withMinP(0).withTemperature(5);
        assertEquals(drawn(options.withSeed(3)), drawn(options.withSeed(3)));
        assertNotEquals(drawn(options.withSeed(3)), drawn(options.withSeed(4)));
        assertNotEquals(drawn(options.withSeed(-1)), drawn(options.withSeed(-1)));
        TokenSampler random = TokenSampler.of(options.withSeed(0xffffffffL), 2);
        assertNotEquals(0xffffffffL, random.seed(), "all bits set asks for a random seed, as in llama.cpp");
        assertEquals(0xfffffffeL, TokenSampler.of(options.withSeed(0xfffffffeL), 2).seed());
    }

    private static List<Integer> drawn(SamplingOptions options) {
        float[] logits = randomLogits(new Random(1), 1000);
        TokenSampler sampler = TokenSampler.of(options, logits.length);
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            tokens.add(sampler.sample(logits));
        }
        return tokens;
    }

    @Test
    void extremeTemperaturesAndLogitsChooseTheBest() {
        float[] logits = {1, 300, 299, Float.NEGATIVE_INFINITY};
        TokenSampler sampler = TokenSampler.of(SamplingOptions.defaults().withTemperature(Float.MIN_VALUE).withSeed(1), 4);
        assertEquals(1, sampler.sample(logits));
    }

    @Test
    void logitsThatAreNoNumbersAreAnError() {
        float negativeNan = Float.intBitsToFloat(0xffc00000); // what x86 makes of 0 * infinity
        for (float bad : new float[]{Float.NaN, negativeNan, Float.POSITIVE_INFINITY}) {
            for (int position = 0; position < 3; position++) {
                float[] logits = {1, 2, 3};
                logits[position] = bad;
                for (SamplingOptions options : List.of(SamplingOptions.greedy(), SamplingOptions.defaults())) {
                    TokenSampler sampler = TokenSampler.of(options, 3);
                    assertThrows(WinnowException.class, () -> sampler.sample(logits));
                }
            }
        }
        float[] none = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
        assertThrows(WinnowException.class, () -> TokenSampler.of(SamplingOptions.greedy(), 2).sample(none));
        assertThrows(WinnowException.class, () -> TokenSampler.of(SamplingOptions.defaults(), 2).sample(none));
        assertThrows(IllegalArgumentException.class, () -> TokenSampler.of(SamplingOptions.greedy(), 3).sample(none));
    }

    @Test
    void doesNotChangeTheLogitsAndDoesNotAllocate() {
        float[] logits = randomLogits(new Random(5), 50_000);
        float[] copy = logits.clone();
        SamplingOptions options = SamplingOptions.defaults().withPenalties(1.1f, 0.1f, 0.1f, 64).withTopK(0).withTopP(0.999f).withSeed(2);
        TokenSampler sampler = TokenSampler.of(options, logits.length);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        for (int i = 0; i < 200; i++) {
            if (i == 100) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            sampler.accept(sampler.sample(logits));
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 100, "less than one byte per token, but " + allocated + " bytes for 100 tokens");
        assertArrayEquals(copy, logits);
    }
}
