package dev.winnow.launcher.command;

import dev.winnow.launcher.convert.Converter;
import dev.winnow.launcher.convert.OutputType;
import dev.winnow.launcher.output.Console;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Converts a Hugging Face checkpoint to GGUF. */
@Command(name = "convert", mixinStandardHelpOptions = true, description = {"Converts a Hugging Face checkpoint to GGUF.", ""})
public final class ConvertCommand implements Callable<Integer> {

    @Inject
    private Console console;

    @Parameters(index = "0", paramLabel = "FOLDER", description = "Checkpoint: config.json, tokenizer.json or tokenizer.model, *.safetensors.")
    private Path folder;

    @Parameters(index = "1", paramLabel = "OUT", description = "GGUF file; a file of this name is replaced when the new one is complete.")
    private Path target;

    @Option(names = "--outtype", paramLabel = "TYPE", description = "How matrices are stored: f32, f16 (default), "
            + "bf16, q8_0, q6_k, q5_k_m, q4_k_m or q4_0. Vectors are f32; below 6 bits some matrices get q6_k, as in llama.cpp.")
    private OutputType type = OutputType.F16;

    @Option(names = "--pre", paramLabel = "NAME", description = "llama.cpp's name of the pre-tokenizer, where it is not recognised.")
    private @Nullable String preTokenizer;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public ConvertCommand() {}

    @Override
    public Integer call() throws IOException {
        int tensors = Converter.convert(folder, target, type, preTokenizer, console::warn);
        console.note("wrote " + target + ": " + tensors + " tensors, " + Sizes.bytes(Files.size(target)));
        return 0;
    }
}
