package dev.winnow.core.profile;

import dev.winnow.api.WinnowException;
import dev.winnow.core.io.UnfinishedFile;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings of a mask refiner that were found for one model, and what they have shown on text that was not used for finding them. Stored as a small JSON file
 * beside the model or as a text in its metadata; {@link ModelProfile} knows where. Immutable.
 *
 * @param modelDigest   {@link ModelProfile#digest} of the model
 * @param refiner       id of the refiner
 * @param settings      its settings, {@code name=value,name=value}
 * @param contextLength tokens of the texts
 * @param target        largest relative increase of the perplexity that was wanted
 * @param heldOut       names of the texts that were judged by, for people
 * @param prompts       what prompts have shown
 * @param generation    what the generation of tokens has shown, after such a prompt
 */
public record SparseProfile(String modelDigest, String refiner, String settings, int contextLength, double target, String heldOut,
        Judgement prompts, Judgement generation) {

    /** The largest relative increase of the perplexity with which a profile is used without being asked for. */
    public static final double LARGEST_CHANGE = 0.005;

    /** How many times as large as the largest change of the perplexity a KL divergence may be. */
    private static final double DIVERGENCE = 2;

    private static final String FORMAT = "winnow-sparse-profile-1";
    private static final String PROMPTS = "prefill_";
    private static final String GENERATION = "decode_";

    /**
     * What one phase has shown on the held-out text where the perplexity has changed most.
     *
     * @param pplChange      relative change of the perplexity
     * @param pplChangeError its standard error
     * @param kld            mean KL divergence from dense attention, in nats
     * @param keptRatio      share of keys that are kept at this length
     * @param selectionRatio multiply-adds of choosing, relative to those of dense attention
     */
    public record Judgement(double pplChange, double pplChangeError, double kld, double keptRatio, double selectionRatio) {

        /** A phase that stays dense. */
        public static final Judgement DENSE = new Judgement(0, 0, 0, 1, 0);

        /** Returns whether the loss is small enough to be caused without being asked for. */
        public boolean isProven() {
            return holds(LARGEST_CHANGE);
        }

        /**
         * Returns whether perplexity rises by no more than a target. The KL divergence is limited to twice as much: where predictions are far from those of dense
         * attention, it is luck that perplexity has not changed on one text.
         */
        public boolean holds(double target) {
            return pplChange <= target && kld <= DIVERGENCE * target;
        }

        private void addTo(Map<String, Object> fields, String prefix) {
            fields.put(prefix + "ppl_change", pplChange);
            fields.put(prefix + "ppl_change_error", pplChangeError);
            fields.put(prefix + "kld", kld);
            fields.put(prefix + "kept_ratio", keptRatio);
            fields.put(prefix + "selection_ratio", selectionRatio);
        }

        private static Judgement of(Map<String, Object> fields, String prefix) {
            return new Judgement(number(fields, prefix + "ppl_change"), number(fields, prefix + "ppl_change_error"),
                    number(fields, prefix + "kld"), number(fields, prefix + "kept_ratio"), number(fields, prefix + "selection_ratio"));
        }
    }

    /** Returns whether the profile may be used without being asked for. */
    public boolean isProven() {
        return prompts.isProven() && generation.isProven();
    }

    /**
     * Reads a profile.
     *
     * @throws WinnowException if the file cannot be read or is malformed
     */
    public static SparseProfile read(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The sparse profile " + file + " cannot be read: " + e
                    + "; 'winnow calibrate' makes one.", e);
        }
    }

    /**
     * Reads a profile from its text.
     *
     * @param place where the text was found, for messages
     * @throws WinnowException if it is malformed
     */
    static SparseProfile parse(String text, String place) {
        try {
            Map<String, Object> fields = FlatJson.parse(text);
            if (!FORMAT.equals(fields.get("format"))) {
                throw new IllegalArgumentException("its format is " + fields.get("format") + ", not " + FORMAT);
            }
            Settings.parse(text(fields, "refiner"), text(fields, "settings")); // fails here, where the file is known
            return new SparseProfile(text(fields, "model_digest"), text(fields, "refiner"), text(fields, "settings"),
                    (int) number(fields, "n_ctx"), number(fields, "target_ppl_change"), text(fields, "held_out"),
                    Judgement.of(fields, PROMPTS), Judgement.of(fields, GENERATION));
        } catch (IllegalArgumentException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The sparse profile " + place + " cannot be used: " + e.getMessage()
                    + "; make it again with 'winnow calibrate', or remove it.", e);
        }
    }

    private static String text(Map<String, Object> fields, String name) {
        if (fields.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("the text '" + name + "' is missing");
    }

    private static double number(Map<String, Object> fields, String name) {
        if (fields.get(name) instanceof Double number) {
            return number;
        }
        throw new IllegalArgumentException("the number '" + name + "' is missing");
    }

    /** Returns the text that {@link #read} reads from a file. */
    public String json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("model_digest", modelDigest);
        fields.put("refiner", refiner);
        fields.put("settings", settings);
        fields.put("n_ctx", (double) contextLength);
        fields.put("target_ppl_change", target);
        fields.put("held_out", heldOut);
        prompts.addTo(fields, PROMPTS);
        generation.addTo(fields, GENERATION);
        return FlatJson.write(fields);
    }

    /**
     * Writes the profile; a file that is there is replaced at once.
     *
     * @throws WinnowException if it cannot be written
     */
    public void write(Path file) {
        try (UnfinishedFile unfinished = new UnfinishedFile(file)) {
            Files.writeString(unfinished.path(), json());
            unfinished.finish();
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The sparse profile " + file + " cannot be written: " + UnfinishedFile.reason(e) + ".", e);
        }
    }
}
