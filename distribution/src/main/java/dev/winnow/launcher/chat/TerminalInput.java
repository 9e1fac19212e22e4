package dev.winnow.launcher.chat;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Messages that a person types, with line editing and a history. Alt-Enter or a backslash at the end begins another line. The prompt is written to the standard
 * error, so that the standard output still holds nothing but answers.
 */
public final class TerminalInput implements ChatInput {

    private static final String PROMPT = "> ";
    private static final String MORE = ". ";

    private final Terminal terminal;
    private final LineReader reader;

    private TerminalInput(Terminal terminal, LineReader reader) {
        this.terminal = terminal;
        this.reader = reader;
    }

    /**
     * Opens the terminal of the process.
     *
     * @param history  file of the history, which is made if it can be; null for none
     * @param commands what the tabulator key completes
     */
    public static TerminalInput open(@Nullable Path history, List<String> commands) {
        try {
            Terminal terminal = TerminalBuilder.builder().system(true).dumb(true)
                    .systemOutput(TerminalBuilder.SystemOutput.SysErrOrSysOut).build();
            LineReaderBuilder builder = LineReaderBuilder.builder().appName("winnow").terminal(terminal).parser(new MessageParser())
                    .completer(new StringsCompleter(commands)).variable(LineReader.SECONDARY_PROMPT_PATTERN, MORE)
                    .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true).option(LineReader.Option.HISTORY_IGNORE_SPACE, true);
            if (history != null && writable(history)) {
                builder.variable(LineReader.HISTORY_FILE, history).option(LineReader.Option.HISTORY_TIMESTAMPED, false);
            }
            return new TerminalInput(terminal, builder.build());
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The terminal cannot be used: " + e.getMessage() + "; give the messages through a pipe.", e);
        }
    }

    /** A history is a comfort: where its folder cannot be made, there is none. */
    private static boolean writable(Path history) {
        try {
            Files.createDirectories(history.toAbsolutePath().getParent());
            return !Files.exists(history) || Files.isWritable(history);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public @Nullable String next() {
        while (true) {
            try {
                return Continuation.join(reader.readLine(PROMPT));
            } catch (UserInterruptException e) {
                terminal.flush(); // Ctrl-C drops what was typed so far, and nothing else happens
            } catch (EndOfFileException e) {
                return null;
            }
        }
    }

    @Override
    public boolean isInteractive() {
        return true;
    }

    @Override
    public Interruptible onInterrupt(Runnable action) {
        Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> action.run());
        return () -> terminal.handle(Terminal.Signal.INT, before);
    }

    @Override
    public void close() {
        try (terminal) { // its modes are restored, whatever becomes of the history
            reader.getHistory().save();
        } catch (IOException e) {
            System.getLogger(TerminalInput.class.getName()).log(System.Logger.Level.DEBUG, "The history was not saved.", e);
        }
    }

    /** Takes a line as one word, whatever quotes are in it, and asks for more after a backslash. */
    private static final class MessageParser implements Parser {

        private final Parser words = new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]);

        @Override
        public ParsedLine parse(String line, int cursor, ParseContext context) {
            if (context == ParseContext.ACCEPT_LINE && Continuation.isOpen(line)) {
                throw new EOFError(-1, cursor, "the message goes on");
            }
            return words.parse(line, cursor, context);
        }
    }
}
