package dev.winnow.core.profile;

import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufTensor;
import dev.winnow.core.gguf.GgufValue;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The sparse profile that sessions use if nobody names a refiner: from the file {@code MODEL.gguf.sparse.json} beside the model, or else from the model's
 * metadata; only if it was made for this model and is proven.
 *
 * @param profile the profile; empty for none
 * @param remarks sentences about profiles that are there and not used
 */
public record ModelProfile(Optional<SparseProfile> profile, List<String> remarks) {

    /** The metadata key whose text is a profile. */
    public static final String KEY = "winnow.sparsek.profile";

    private static final int DIGESTED_BYTES = 16 << 20;

    /** Keys that say nothing about attention. The profile itself is one of them, or storing it would part it from its model. */
    private static final List<String> UNDIGESTED = List.of("general.", "tokenizer.", "split.", "quantize.", "winnow.");

    /** Returns where the profile of a model is stored beside it. */
    public static Path pathOf(Path model) {
        return model.resolveSibling(model.getFileName() + ".sparse.json");
    }

    /**
     * Looks for the profile of a model.
     *
     * @throws WinnowException if there is one that is malformed
     */
    public static ModelProfile find(GgufFile model) {
        List<String> remarks = new ArrayList<>();
        Path beside = pathOf(model.path());
        if (Files.isRegularFile(beside)) {
            SparseProfile found = SparseProfile.read(beside);
            if (isUsable(found, model, beside.toString(), "--sparse " + beside + " uses it all the same", remarks)) {
                return new ModelProfile(Optional.of(found), remarks);
            }
        }
        Optional<String> text = model.metadata().string(KEY);
        if (text.isPresent()) {
            String place = "in the metadata of " + model.path();
            SparseProfile found = SparseProfile.parse(text.get(), place);
            if (isUsable(found, model, place, "give its settings with --sparse to use it all the same", remarks)) {
                return new ModelProfile(Optional.of(found), remarks);
            }
        }
        return new ModelProfile(Optional.empty(), remarks);
    }

    /**
     * Checks that a profile that the user names was made for a model.
     *
     * @param file  of the profile
     * @throws WinnowException of kind USAGE if it was made for another one
     */
    public static void requireMadeFor(Path model, SparseProfile profile, Path file) {
        try (GgufFile opened = GgufFile.open(model)) {
            if (!profile.modelDigest().equals(digest(opened))) {
                throw new WinnowException(WinnowException.Kind.USAGE, "The sparse profile " + file + " was made for another model than "
                        + model
                        + ": make one for this with 'winnow calibrate', or give its settings with --sparse to use them all the same.");
            }
        }
    }

    private static boolean isUsable(SparseProfile found, GgufFile model, String place, String otherwise, List<String> remarks) {
        if (!found.modelDigest().equals(digest(model))) {
            remarks.add(
                    "The sparse profile " + place + " was made for another model and is not used; 'winnow calibrate' makes one for this.");
            return false;
        }
        if (!found.isProven()) {
            remarks.add(String.format(Locale.ROOT,
                    "The sparse profile %s is not used, because on %s it has cost more than %+.1f %%: perplexity %+.2f %% in prompts and %+.2f %% in generation, "
                            + "KL divergence %.4f and %.4f; %s.",
                    place, found.heldOut(), 100 * SparseProfile.LARGEST_CHANGE, 100 * found.prompts().pplChange(),
                    100 * found.generation().pplChange(), found.prompts().kld(), found.generation().kld(), otherwise));
            return false;
        }
        return true;
    }

    /**
     * Returns a digest that tells models apart by what decides about attention: SHA-256 of the metadata but for names, tokenizer and Winnow's own keys, of the
     * tensors' names, types and shapes, and of the first 16 MB of their data. A copy of the model with a profile in its metadata has the same.
     */
    public static String digest(GgufFile model) {
        MessageDigest sha = sha256();
        for (Map.Entry<String, GgufValue> entry : model.metadata().values().entrySet()) {
            if (UNDIGESTED.stream().noneMatch(entry.getKey()::startsWith)) {
                update(sha, entry.getKey(), entry.getValue().typeName(), entry.getValue().text(Integer.MAX_VALUE));
            }
        }
        long left = DIGESTED_BYTES;
        for (GgufTensor tensor : model.tensors()) {
            update(sha, tensor.name(), tensor.typeName(), tensor.shape().toString());
            MemorySegment data = tensor.data().asSlice(0, Math.min(left, tensor.byteSize()));
            sha.update(data.asByteBuffer());
            left -= data.byteSize();
        }
        return "sha256:" + HexFormat.of().formatHex(sha.digest());
    }

    /** Adds texts, each with an end that no text holds. */
    private static void update(MessageDigest sha, String... texts) {
        Stream.of(texts).forEach(text -> {
            sha.update(text.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0xFF);
        });
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
