package dev.winnow.launcher.command;

import dev.winnow.api.FinishReason;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.api.WinnowException;
import dev.winnow.launcher.chat.ChatInput;
import dev.winnow.launcher.chat.Conversation;
import dev.winnow.launcher.chat.PipedInput;
import dev.winnow.launcher.chat.TerminalInput;
import dev.winnow.launcher.options.CompatibilityMixin;
import dev.winnow.launcher.options.ModelOptionsMixin;
import dev.winnow.launcher.options.SamplingMixin;
import dev.winnow.launcher.options.TokenLimitConverter;
import dev.winnow.launcher.output.Console;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Talks with a model: at a terminal with line editing and a history, through a pipe with one message a line. */
@Command(name = "chat", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Talks with a model, by its own chat template. Only what a message adds is computed.",
        ""}, footerHeading = "%nExamples:%n", footer = {
                "  winnow chat -m model.gguf",
                "  winnow chat -m model.gguf -sys 'Answer in one sentence.' --temp 0",
                "  printf 'What is a winnow?\\nAnd in French?\\n' | winnow chat -m model.gguf > answers.txt",
                "",
                "At the prompt: Alt-Enter or a backslash at the end of a line for another line, Ctrl-C to stop an answer,",
                "Ctrl-D or /exit to leave, /reset to begin anew, /help for help."})
public final class ChatCommand implements Callable<Integer> {

    private static final int INTERRUPTED = 130;
    private static final String HELP = "/help";
    private static final String RESET = "/reset";
    private static final String EXIT = "/exit";

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    private ModelOptionsMixin options;

    @Mixin
    private SamplingMixin sampling;

    @Mixin
    private CompatibilityMixin compatibility;

    @Option(names = {"-sys", "--system",
            "--system-prompt"}, paramLabel = "TEXT", defaultValue = "", description = "How the model is to behave; default what its template says.")
    private String system;

    @Option(names = {"-n", "--predict",
            "--n-predict"}, paramLabel = "N", converter = TokenLimitConverter.class, defaultValue = "-1", description = "Tokens of an answer; -1 for until the model ends or the context is full, the default.")
    private int maxTokens;

    @Option(names = "--no-history", description = "Neither read nor write the file with the messages of earlier conversations.")
    private boolean noHistory;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public ChatCommand() {}

    @Override
    public Integer call() {
        compatibility.warn(console);
        try (Model model = options.load(runtime); Session session = options.open(console, model)) {
            Conversation conversation = new Conversation(model, session, system);
            try (ChatInput input = console.inputIsTerminal()
                    ? TerminalInput.open(history(), List.of(HELP, RESET, EXIT))
                    : new PipedInput(console)) {
                if (input.isInteractive()) {
                    console.note(model.info().name() + ", context of " + session.contextLength() + " tokens; " + HELP + " for help.");
                }
                return talk(input, conversation, session);
            }
        }
    }

    private int talk(ChatInput input, Conversation conversation, Session session) {
        for (String message = input.next(); message != null; message = input.next()) {
            switch (message.strip()) {
                case "" -> {
                    continue;
                }
                case EXIT -> {
                    return 0;
                }
                case RESET -> {
                    conversation.reset();
                    console.note("The conversation is forgotten.");
                }
                case HELP -> console
                        .note("""
                                /help   shows this
                                /reset  forgets the conversation
                                /exit   leaves; so does Ctrl-D
                                Ctrl-C  stops an answer, or drops what is typed
                                Alt-Enter, or a backslash at the end of a line, begins another line. A message that begins with a slash needs a space before it.""");
                default -> {
                    if (message.startsWith("/")) {
                        console.note("There is no command '" + message.strip() + "': " + HELP + " shows them.");
                    } else if (!answer(input, conversation, session, message)) {
                        return INTERRUPTED;
                    }
                }
            }
        }
        return 0;
    }

    /** Shows the answer to a message; returns whether the conversation goes on. */
    private boolean answer(ChatInput input, Conversation conversation, Session session, String message) {
        try (Interruption interruption = new Interruption(console, runtime, null);
                ChatInput.Interruptible _ = input.onInterrupt(interruption.cancellation()::cancel);
                AnswerDisplay display = new AnswerDisplay(console, session.model(), false, false)) {
            GenerationResult result = conversation.ask(message,
                    prompt -> GenerationRequest.of(prompt).withMaxTokens(maxTokens)
                            .withSampling(sampling.options()).withCancellation(interruption.cancellation()),
                    display);
            display.finish();
            if (input.isInteractive() && result.tokens().isEmpty()) {
                console.note(""); // the terminal has echoed ^C into the line
            }
            console.note(Summary.of(result, session));
            return input.isInteractive() || result.finishReason() != FinishReason.CANCELLED;
        } catch (WinnowException e) {
            if (!input.isInteractive() || e.kind() != WinnowException.Kind.RESOURCES) {
                throw e;
            }
            console.note("winnow: error: " + e.getMessage() + " " + RESET + " forgets the conversation.");
            return true;
        }
    }

    /** Returns the file of the history, where the XDG base directory specification wants it. */
    private @Nullable Path history() {
        if (noHistory) {
            return null;
        }
        String state = System.getenv("XDG_STATE_HOME");
        String home = System.getenv("HOME");
        Path base = state == null || !Path.of(state).isAbsolute()
                ? Path.of(home == null ? System.getProperty("user.home") : home, ".local", "state")
                : Path.of(state);
        return base.resolve("winnow").resolve("chat-history");
    }
}
