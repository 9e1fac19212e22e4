package dev.winnow.launcher.convert;

import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufType;
import dev.winnow.core.gguf.GgufValue;
import dev.winnow.core.gguf.GgufWriter;
import dev.winnow.spi.GgmlType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Converts a checkpoint of Hugging Face's transformers to GGUF. The weights are mapped and written some rows at a time, so a model of any size needs little memory.
 * Stateless.
 */
public final class Converter {

    private static final int QUANTIZATION_VERSION = 2;

    private Converter() {}

    /**
     * Converts a checkpoint. The file appears when it is complete; a failure leaves nothing behind.
     *
     * @param folder       the checkpoint: config.json, tokenizer.json or tokenizer.model, safetensors
     * @param target       the GGUF file
     * @param type         how matrices are stored
     * @param preTokenizer value of {@code tokenizer.ggml.pre}, or null to recognise it
     * @param warnings     receives what the user should know
     * @return the number of tensors
     * @throws WinnowException with one sentence for whatever is missing, damaged, contradictory or unknown in the checkpoint
     */
    public static int convert(Path folder, Path target, OutputType type, @Nullable String preTokenizer, Consumer<String> warnings) {
        if (!Files.isDirectory(folder)) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    folder + " is not a folder; give the folder that has config.json and the safetensors files of the checkpoint.");
        }
        ModelConfig config = ModelConfig.read(folder);
        RopeScaling rope = new RopeScaling(config);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            List<TensorPlan.Item> plan = TensorPlan.of(checkpoint, config);
            int vocabularySize = Math.toIntExact(plan.getFirst().source().shape().getFirst());
            GgufMetadata.Builder metadata = GgufMetadata.builder();
            metadata.set("general.architecture", GgufValue.string(config.family().architecture()));
            metadata.set("general.type", GgufValue.string("model"));
            metadata.set("general.name", GgufValue.string(String.valueOf(folder.toAbsolutePath().normalize().getFileName())));
            metadata.set("general.file_type", GgufValue.integer(GgufType.U32, type.fileType()));
            metadata.set("general.quantization_version", GgufValue.integer(GgufType.U32, QUANTIZATION_VERSION));
            ModelKeys.describe(config, rope, vocabularySize, metadata, warnings);
            TokenizerKeys.describe(folder, config, vocabularySize, preTokenizer, metadata, warnings);
            GgufWriter writer = new GgufWriter(metadata.build());
            rope.divisors().ifPresent(divisors -> writer.add("rope_freqs.weight", GgmlType.F32, List.of((long) divisors.length), divisors));
            boolean tied = plan.stream().noneMatch(item -> item.name().equals("output.weight"));
            for (TensorPlan.Item item : plan) {
                GgmlType stored = type.of(item, tied, config.layers());
                if (stored == GgmlType.F16 && type != OutputType.F16) {
                    warnings.accept(item.name() + " is stored as F16, because its rows of " + item.shape().getFirst()
                            + " values are not made of whole blocks");
                }
                writer.add(item.name(), stored, item.shape(), new TensorRows(item, stored));
            }
            writer.write(target);
            return plan.size() + (rope.divisors().isPresent() ? 1 : 0);
        }
    }
}
