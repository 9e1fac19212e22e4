package dev.winnow.launcher.command;

import dev.winnow.core.gguf.GgufCopier;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.MetadataEdit;
import dev.winnow.launcher.output.Console;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies a model with changed metadata. */
@Command(name = "annotate", mixinStandardHelpOptions = true, description = {"Copies a model with changed metadata.",
        "Tensors are copied byte for byte; the original is never changed. A split model becomes one file.", ""})
public final class AnnotateCommand implements Callable<Integer> {

    @Inject
    private Console console;

    @Parameters(index = "0", paramLabel = "IN", description = "Model file in GGUF format.")
    private Path source;

    @Parameters(index = "1", paramLabel = "OUT", description = "Name of the copy; a file of this name is replaced when the copy is complete.")
    private Path target;

    @Option(names = "--set", paramLabel = "KEY[:TYPE]=VALUE", description = {
            "Sets a key, repeatable. A key that is there keeps its type, of others it is guessed from the value, unless it is given: u8, i8, u16, i16, "
                    + "u32, i32, u64, i64, f32, f64, bool, string, or one of them followed by [] with commas between the elements.",
            "Example: --set llama.sparsek.enable=true --set llama.sparsek.top_k=512"})
    private List<String> settings = new ArrayList<>();

    @Option(names = "--remove", paramLabel = "KEY", description = "Removes a key, repeatable; keys are removed before others are set.")
    private List<String> removed = new ArrayList<>();

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public AnnotateCommand() {}

    @Override
    public Integer call() {
        try (GgufFile model = GgufFile.open(source)) {
            GgufMetadata metadata = model.metadata();
            List<MetadataEdit> edits = Stream.concat(removed.stream().map(MetadataEdit::remove),
                    settings.stream().map(setting -> MetadataEdit.parse(setting, metadata))).toList();
            GgufCopier.annotate(model, target, edits);
            console.note("wrote " + target + ": " + model.tensors().size() + " tensors, " + edits.size() + " changes of metadata");
        }
        return 0;
    }
}
