package dev.winnow.core.profile;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a mask refiner that were found for one model, and what they have shown on text that was not used for finding them. Stored as a small JSON file
 * beside the model, {@code MODEL.gguf.sparse.json}. Sessions that leave the choice to the model use it if it is the model's and has shown an increase of at most
 * {@link #LARGEST_CHANGE}.
 *
 * @param modelDigest    {@link #digest} of the model file
 * @param refiner        id of the refiner
 * @param settings       its settings, {@code name=value,name=value}
 * @param contextLength  tokens of the texts
 * @param target         largest relative increase of the perplexity that was wanted
 * @param pplChange      relative change of the perplexity on the held-out text where it is largest
 * @param pplChangeError its standard error
 * @param kld            mean KL divergence from dense attention on that text, in nats
 * @param keptRatio      share of keys that prompts of this length keep
 * @param selectionRatio multiply-adds of choosing, relative to those of dense attention
 */
public record SparseProfile(String modelDigest, String refiner, String settings, int contextLength, double target, double pplChange,
        double pplChangeError, double kld, double keptRatio, double selectionRatio) {

    /** The largest relative increase of the perplexity with which a profile is used without being asked for. */
    public static final double LARGEST_CHANGE = 0.005;

    private static final String FORMAT = "winnow-sparse-profile-1";
    private static final int DIGESTED_BYTES = 16 << 20;

    /** Returns where the profile of a model is stored. */
    public static Path pathOf(Path model) {
        return model.resolveSibling(model.getFileName() + ".sparse.json");
    }

    /** Returns whether the profile may be used without being asked for. */
    public boolean isProven() {
        return pplChange <= LARGEST_CHANGE;
    }

    /**
     * Returns a digest that tells models apart: SHA-256 of the file's size and first 16 MB, which hold the metadata and the first weights.
     *
     * @throws WinnowException if the file cannot be read
     */
    public static String digest(Path model) {
        try (InputStream in = Files.newInputStream(model)) {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(Long.toString(Files.size(model)).getBytes(StandardCharsets.US_ASCII));
            sha.update(in.readNBytes(DIGESTED_BYTES));
            return "sha256:" + HexFormat.of().formatHex(sha.digest());
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.MODEL, "The model file " + model + " cannot be read: " + e.getMessage() + ".",
                    e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Reads the profile that belongs to a model.
     *
     * @return empty if there is none, or if it was made for another file of this name
     * @throws WinnowException if the file is malformed
     */
    public static Optional<SparseProfile> find(Path model) {
        Path file = pathOf(model);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        SparseProfile profile = read(file);
        return profile.modelDigest.equals(digest(model)) ? Optional.of(profile) : Optional.empty();
    }

    /**
     * Reads a profile.
     *
     * @throws WinnowException if the file cannot be read or is malformed
     */
    public static SparseProfile read(Path file) {
        try {
            Map<String, Object> fields = FlatJson.parse(Files.readString(file));
            if (!FORMAT.equals(fields.get("format"))) {
                throw new IllegalArgumentException("its format is " + fields.get("format") + ", not " + FORMAT);
            }
            return new SparseProfile(text(fields, "model_digest"), text(fields, "refiner"), text(fields, "settings"),
                    (int) number(fields, "n_ctx"), number(fields, "target_ppl_change"), number(fields, "ppl_change"),
                    number(fields, "ppl_change_error"), number(fields, "kld"), number(fields, "kept_ratio"),
                    number(fields, "selection_ratio"));
        } catch (IOException | IllegalArgumentException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The sparse profile " + file + " cannot be used: " + e.getMessage()
                    + "; make it again with 'winnow calibrate', or delete it.", e);
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

    /** Returns the fields of the file, in its order. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("model_digest", modelDigest);
        fields.put("refiner", refiner);
        fields.put("settings", settings);
        fields.put("n_ctx", (double) contextLength);
        fields.put("target_ppl_change", target);
        fields.put("ppl_change", pplChange);
        fields.put("ppl_change_error", pplChangeError);
        fields.put("kld", kld);
        fields.put("kept_ratio", keptRatio);
        fields.put("selection_ratio", selectionRatio);
        return fields;
    }

    /**
     * Writes the profile; a file that is there is replaced at once.
     *
     * @throws WinnowException if it cannot be written
     */
    public void write(Path file) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            Files.writeString(temporary, FlatJson.write(fields()));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The sparse profile " + file + " cannot be written: " + e.getMessage() + ".", e);
        }
    }
}
