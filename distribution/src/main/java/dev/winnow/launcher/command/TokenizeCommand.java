package dev.winnow.launcher.command;

import dev.winnow.api.Tokenizer;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.tokenizer.Tokenizers;
import dev.winnow.launcher.options.OutputMixin;
import dev.winnow.launcher.options.PromptMixin;
import dev.winnow.launcher.output.Column;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.Table;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the tokens of a text. Reads only the vocabulary of the model, not its weights. */
@Command(name = "tokenize", mixinStandardHelpOptions = true, description = {"Shows the tokens of a text.", ""})
public final class TokenizeCommand implements Callable<Integer> {

    @Inject
    private Console console;

    @Option(names = {"-m", "--model"}, paramLabel = "FILE", required = true, description = "Model file in GGUF format.")
    private Path file;

    @Mixin
    private PromptMixin prompt;

    @Mixin
    private OutputMixin output;

    @Option(names = "--ids", description = "Only the ids, as a list in brackets.")
    private boolean ids;

    @Option(names = {"--count", "--show-count"}, description = "Only the number of tokens.")
    private boolean count;

    @Option(names = "--no-bos", description = "Without the tokens that the model expects around a text.")
    private boolean noBos;

    @Option(names = "--no-parse-special", description = "Names of control tokens in the text are plain text.")
    private boolean noParseSpecial;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public TokenizeCommand() {}

    @Override
    public Integer call() {
        String text = prompt.read(console);
        try (GgufFile model = GgufFile.open(file)) {
            Tokenizer tokenizer = Tokenizers.of(model.metadata());
            int[] tokens = tokenizer.encode(text, !noBos, !noParseSpecial);
            if (count) {
                console.println(Integer.toString(tokens.length));
            } else if (ids) {
                console.println(Arrays.toString(tokens));
            } else {
                Table table = new Table(Column.number("id", "id"), Column.text("text", "token"));
                for (int token : tokens) {
                    table.row(token, tokenizer.tokenText(token));
                }
                table.write(console, output.format());
            }
        }
        return 0;
    }
}
