package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.winnow.api.ProgressListener;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KlDivergenceTest {

    private static final SessionOptions OPTIONS = SessionOptions.defaults().withContextLength(64);
    private static final String TEXT = FakeText.of(600, 3);

    @TempDir
    private Path folder = Path.of("");

    private static Path fixture() {
        Path file = Path.of(System.getProperty("winnow.fixtures", ""), "kld", "smollm2-c64-2chunks.kld");
        assumeTrue(Files.exists(file), "the fixtures of llama.cpp are not there: " + file);
        return file;
    }

    @Test
    void readsTheFileOfLlamaCpp() {
        try (KldReader reader = new KldReader(fixture())) {
            TextChunks chunks = reader.chunks();
            assertEquals(64, chunks.length());
            assertEquals(2, chunks.count());
            assertEquals(49152, reader.vocabularySize());
            float[] logProbabilities = new float[49152];
            double[] perplexity = new double[2];
            double loss = 0;
            for (int chunk = 0; chunk < 2; chunk++) {
                for (int position = 32; position <= 62; position++) {
                    reader.next(logProbabilities);
                    double sum = 0;
                    for (float value : logProbabilities) {
                        sum += Math.exp(value);
                    }
                    // Codes are 2.4e-4 apart at most, and what is clipped adds up to at most 49152 e^-16 = 0.0055.
                    assertEquals(1, sum, 0.006);
                    loss -= logProbabilities[chunks.token(chunk * 64 + position + 1)];
                }
                perplexity[chunk] = Math.exp(loss / (31 * (chunk + 1)));
            }
            // llama-perplexity printed PPL(Q) = 33.9931 and 31.3952, ln(PPL(Q)/PPL(base)) = 0.01876 and 0.00894: four to five digits
            assertEquals(33.9931 / Math.exp(0.01876), perplexity[0], 3e-4);
            assertEquals(31.3952 / Math.exp(0.00894), perplexity[1], 3e-4);
        }
    }

    @Test
    void writesTheFileOfLlamaCpp() throws IOException {
        Path copy = folder.resolve("copy.kld");
        byte[] expected = Files.readAllBytes(fixture());
        try (KldReader reader = new KldReader(fixture());
                KldWriter writer = new KldWriter(copy, reader.chunks(), reader.vocabularySize())) {
            float[] logProbabilities = new float[reader.vocabularySize()];
            for (int i = 0; i < 62; i++) {
                reader.next(logProbabilities);
                writer.write(logProbabilities, 0);
            }
            assertFalse(Files.exists(copy), "an unfinished file has the name of the finished one");
            writer.finish();
        }
        byte[] actual = Files.readAllBytes(copy);
        assertEquals(expected.length, actual.length);
        int head = KldFormat.HEADER_BYTES + 4 * 128;
        assertArrayEquals(Arrays.copyOf(expected, head), Arrays.copyOf(actual, head));
        ByteBuffer a = ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN).position(head);
        ByteBuffer b = ByteBuffer.wrap(actual).order(ByteOrder.LITTLE_ENDIAN).position(head);
        for (int i = 0; i < 62; i++) {
            float scale = a.getFloat();
            // The logits are decoded codes, so the largest is a rounding away from its true value, and the clipped ones have left the sum.
            assertEquals(scale, b.getFloat(), 1e-6f * scale);
            float minimum = a.getFloat();
            assertEquals(minimum, b.getFloat(), 0.006f);
            for (int token = 0; token < 49152; token++) {
                assertEquals(a.getShort(), b.getShort(), "position " + i + ", token " + token);
            }
        }
    }

    @Test
    void aFileKeepsLogProbabilitiesToItsResolution() throws IOException {
        Random random = new Random(5);
        for (int vocabulary : new int[]{7, 8}) {
            TextChunks chunks = new TextChunks(random.ints(8, 0, vocabulary).toArray(), 4, 2);
            List<float[]> written = new ArrayList<>();
            Path file = folder.resolve("small" + vocabulary + ".kld");
            try (KldWriter writer = new KldWriter(file, chunks, vocabulary)) {
                for (int i = 0; i < 2; i++) {
                    float[] logits = new float[vocabulary];
                    for (int token = 0; token < vocabulary; token++) {
                        logits[token] = token == 3 ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian() * 4;
                    }
                    written.add(logits);
                    LogSoftmax softmax = LogSoftmax.of(logits);
                    assertEquals(softmax.negativeLogLikelihood(logits, 1), writer.write(logits, 1), 1e-5);
                }
                writer.finish();
            }
            assertEquals(20 + 4 * 8 + 2 * (8 + 16), Files.size(file));
            try (KldReader reader = new KldReader(file)) {
                float[] read = new float[vocabulary];
                for (float[] logits : written) {
                    reader.next(read);
                    LogSoftmax softmax = LogSoftmax.of(logits);
                    for (int token = 0; token < vocabulary; token++) {
                        double expected = Math.max(-softmax.negativeLogLikelihood(logits, token), -16 - softmax.logSumExp());
                        // half a code of 16 / 65535, and a few roundings of floats near 20
                        assertEquals(expected, read[token], 1.3e-4);
                    }
                }
            }
        }
    }

    @Test
    void equalLogitsAreStoredWithoutDividingByZero() {
        TextChunks chunks = new TextChunks(new int[4], 4, 1);
        Path file = folder.resolve("flat.kld");
        try (KldWriter writer = new KldWriter(file, chunks, 4)) {
            writer.write(new float[]{2, 2, 2, 2}, 0);
            writer.finish();
        }
        try (KldReader reader = new KldReader(file)) {
            float[] read = new float[4];
            reader.next(read);
            assertArrayEquals(new float[]{-1.3862944f, -1.3862944f, -1.3862944f, -1.3862944f}, read, 1e-6f);
        }
    }

    @Test
    void damagedFilesAreErrors() throws IOException {
        Path good = folder.resolve("good.kld");
        Perplexity.measureAndSave(new FakeModel(true), OPTIONS, TEXT, 2, good, (number, ppl) -> {}, ProgressListener.SILENT);
        byte[] bytes = Files.readAllBytes(good);
        assertDamaged("cut off", Arrays.copyOf(bytes, bytes.length - 1));
        assertDamaged("cut off", Arrays.copyOf(bytes, bytes.length + 10));
        assertDamaged("ends within its header", Arrays.copyOf(bytes, 11));
        assertDamaged("_logits_", changed(bytes, 0, 'x'));
        assertDamaged("cannot be", changed(bytes, 11, 0x80));
        assertDamaged("cut off", changed(bytes, 11, 0x7f));
        assertDamaged("cannot be", changed(bytes, 15, 0x7f));
        assertDamaged("only 258 tokens", changed(bytes, 22, 1));
        assertThrows(WinnowException.class, () -> new KldReader(folder.resolve("absent.kld")));
        assertThrows(WinnowException.class, () -> new KldReader(folder));
        assertThrows(WinnowException.class, () -> new KldWriter(folder, new TextChunks(new int[4], 4, 1), 4));
    }

    private static byte[] changed(byte[] bytes, int at, int value) {
        byte[] copy = bytes.clone();
        copy[at] = (byte) value;
        return copy;
    }

    private void assertDamaged(String part, byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("bad.kld"), bytes);
        WinnowException error = assertThrows(WinnowException.class, () -> new KldReader(file));
        assertTrue(error.toString().contains(part), error.toString());
    }

    @Test
    void statisticsAgreeWithTheirDefinitions() {
        int vocabulary = 50;
        int count = 301;
        Random random = new Random(9);
        KlDivergence divergence = new KlDivergence();
        double[] nll = new double[count];
        double[] nllBase = new double[count];
        double[] kld = new double[count];
        double[] delta = new double[count];
        double[] delta2 = new double[count];
        int same = 0;
        for (int i = 0; i < count; i++) {
            float[] base = new float[vocabulary];
            float[] logits = new float[vocabulary];
            for (int token = 0; token < vocabulary; token++) {
                base[token] = (float) random.nextGaussian() * 2;
                logits[token] = base[token] + (float) random.nextGaussian() * 0.5f + 3;
            }
            double baseSum = logSum(base);
            for (int token = 0; token < vocabulary; token++) {
                base[token] = (float) (base[token] - baseSum);
            }
            int next = random.nextInt(vocabulary);
            divergence.add(base, logits, next);
            double sum = logSum(logits);
            nll[i] = sum - logits[next];
            nllBase[i] = -base[next];
            for (int token = 0; token < vocabulary; token++) {
                kld[i] += Math.exp(base[token]) * (base[token] - (logits[token] - sum));
            }
            delta[i] = Math.exp(-nll[i]) - Math.exp(-nllBase[i]);
            delta2[i] = delta[i] * delta[i];
            same += best(base) == best(logits) ? 1 : 0;
        }
        KlStatistics statistics = divergence.statistics();
        assertEquals(count, statistics.count());
        double tolerance = 2e-5; // floats of size 10 carry errors of 1e-6, the perplexity of about 100 multiplies them
        double ppl = Math.exp(mean(nll));
        double pplBase = Math.exp(mean(nllBase));
        assertEstimate(ppl, ppl * error(nll), statistics.ppl(), ppl * tolerance);
        assertEstimate(pplBase, pplBase * error(nllBase), statistics.pplBase(), ppl * tolerance);
        double[] ratio = new double[count];
        Arrays.setAll(ratio, i -> nll[i] - nllBase[i]);
        assertEstimate(mean(ratio), error(ratio), statistics.logPplRatio(), tolerance);
        assertEstimate(ppl / pplBase, ppl / pplBase * error(ratio), statistics.pplRatio(), tolerance);
        assertEquals(covariance(nll, nllBase) / Math.sqrt(covariance(nll, nll) * covariance(nllBase, nllBase)), statistics.correlation(),
                tolerance);
        double[] difference = new double[count];
        Arrays.setAll(difference, i -> ppl * nll[i] - pplBase * nllBase[i]);
        assertEstimate(ppl - pplBase, error(difference), statistics.pplDifference(), ppl * tolerance);
        assertEstimate(mean(kld), error(kld), statistics.kld(), tolerance);
        assertEstimate(mean(delta), error(delta), statistics.deltaP(), tolerance);
        double rms = Math.sqrt(mean(delta2));
        assertEstimate(rms, error(delta2) / (2 * rms), statistics.rmsDeltaP(), tolerance);
        double top = (double) same / count;
        assertEstimate(top, Math.sqrt(top * (1 - top) / (count - 1)), statistics.sameTop(), 1e-12);
        Arrays.sort(kld);
        assertEquals(kld[150], statistics.kldDistribution().median(), tolerance);
        assertEquals(kld[30], statistics.kldDistribution().p10(), tolerance);
        assertEquals(kld[297], statistics.kldDistribution().p99(), tolerance);
        assertEquals(0.3 * kld[299] + 0.7 * kld[300], statistics.kldDistribution().p99_9(), tolerance);
    }

    private static void assertEstimate(double value, double error, Estimate actual, double tolerance) {
        assertEquals(value, actual.value(), tolerance);
        assertEquals(error, actual.error(), tolerance);
    }

    private static double logSum(float[] logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        return Math.log(sum);
    }

    private static int best(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double covariance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - mean(a)) * (b[i] - mean(b));
        }
        return sum / a.length;
    }

    private static double error(double[] values) {
        return Math.sqrt(covariance(values, values) / (values.length - 1));
    }

    @Test
    void aModelComparedWithItselfDiffersByTheResolutionOfTheFile() {
        Path file = folder.resolve("base.kld");
        FakeModel model = new FakeModel(true);
        Perplexity.Result base = Perplexity.measureAndSave(model, OPTIONS, TEXT, 0, file, (number, ppl) -> {}, ProgressListener.SILENT);
        List<Integer> numbers = new ArrayList<>();
        KlStatistics same = KlComparison.measure(model, SessionOptions.defaults(), file, 0, 0,
                (number, statistics) -> numbers.add(number), ProgressListener.SILENT).statistics();
        assertEquals(base.running().size(), numbers.size());
        assertEquals(base.tokensScored(), same.count());
        assertEquals(base.perplexity(), same.ppl().value(), 1e-5 * base.perplexity());
        assertEquals(base.perplexity(), same.pplBase().value(), 2e-4 * base.perplexity());
        assertEquals(1, same.sameTop().value());
        assertEquals(0, same.kld().value(), 1e-4);
        KlStatistics decoded = KlComparison.measure(model, SessionOptions.defaults(), file, 2, 9, (number, statistics) -> {},
                ProgressListener.SILENT).statistics();
        assertEquals(18, decoded.count());
        assertEquals(0, decoded.kld().value(), 1e-4);
        assertThrows(WinnowException.class,
                () -> KlComparison.measure(model, SessionOptions.defaults(), file, 0, 40, (number, statistics) -> {},
                        ProgressListener.SILENT));
        SessionOptions sparse = SessionOptions.defaults().withRefiner("recent", Settings.of("recent", Map.of("window", "8")));
        assertTrue(KlComparison.measure(model, sparse, file, 0, 0, (number, statistics) -> {}, ProgressListener.SILENT).statistics().kld()
                .value() > 0.01);
    }

    @Test
    void printsWhatLlamaPerplexityPrints() {
        Estimate ratio = new Estimate(0.00894, 0.01082);
        Distribution zero = new Distribution(-0.05f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.25f);
        KlStatistics statistics = new KlStatistics(62, new Estimate(31.39524, 11.65104), new Estimate(31.1, 11.5), 0.9912, ratio,
                new Estimate(1.01, 0.01), new Estimate(0.29, 0.3), new Estimate(0.003688, 0.000352), zero, new Estimate(0.01, 0.002), zero,
                new Estimate(0.012088, 0.00189), new Estimate(0.967742, 0.022622));
        assertEquals(
                "   2      31.3952 ±   11.6510       0.00894 ±    0.01082       0.00369 ±    0.00035     1.209 ±  0.189 %    96.774 ±  2.262 %",
                statistics.chunkLine(2));
        String summary = statistics.summary();
        assertTrue(summary.contains("Mean PPL(Q)                   :  31.395240 ±  11.651040\n"), summary);
        assertTrue(summary.contains("Cor(ln(PPL(Q)), ln(PPL(base))):  99.12%\n"), summary);
        assertTrue(summary.contains("Mean    KLD:   0.003688 ±   0.000352\nMaximum KLD:   0.250000\n99.9%   KLD:   0.000000\n"), summary);
        assertTrue(summary.contains("Mean    Δp:  1.000 ± 0.200 %\nMaximum Δp: 25.000%\n"), summary);
        assertTrue(summary.contains("RMS Δp    :  1.209 ± 0.189 %\nSame top p: 96.774 ± 2.262 %\n"), summary);
    }
}
