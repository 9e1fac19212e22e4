package dev.winnow.launcher.chat;

import dev.winnow.api.ChatMessage;
import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.api.WinnowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A conversation by the model's own chat template, in one session: only the tokens that a new message adds are computed. Not thread-safe.
 *
 * <p>The template renders the whole conversation each time, and its answer of a turn ago may come back in other tokens than those that the model chose (several
 * sequences of tokens can spell one text). Where the rendered answer has the same text, the chosen tokens are kept, so that the session need not be cut there.
 */
public final class Conversation {

    private final Model model;
    private final Session session;
    private final List<ChatMessage> messages = new ArrayList<>();
    private final int opening; // messages that stay when the rest is forgotten

    private int[] rendered = new int[0]; // the last prompt as the template writes it
    private int[] held = new int[0]; // the last prompt as the session got it
    private int[] answer = new int[0]; // the tokens of the last answer
    private String answerText = "";

    /**
     * Creates a conversation.
     *
     * @param system how the model is to behave; empty for what the template says by itself
     * @throws WinnowException if the model has no chat template
     */
    public Conversation(Model model, Session session, String system) {
        this.model = model;
        this.session = session;
        if (!system.isEmpty()) {
            messages.add(new ChatMessage("system", system));
        }
        opening = messages.size();
        if (model.metadata().string("tokenizer.chat_template").isEmpty()) {
            throw new WinnowException(WinnowException.Kind.UNSUPPORTED, model.info().file().getFileName()
                    + " has no chat template (tokenizer.chat_template): it was not trained for conversations, so use 'winnow run'.");
        }
    }

    /**
     * Says something to the model and returns its answer. A message that leads to nothing, because it was interrupted before the first word or does not fit into
     * the context, is forgotten.
     *
     * @param request makes the request out of the tokens of the prompt
     */
    public GenerationResult ask(String message, Function<int[], GenerationRequest> request, GenerationListener listener) {
        int before = messages.size();
        messages.add(new ChatMessage("user", message));
        try {
            int[] written = model.chatPrompt(messages, true).orElseThrow();
            int[] prompt = keepingAnswer(written);
            GenerationResult result = session.generate(request.apply(prompt), listener);
            if (!result.tokens().isEmpty()) {
                messages.add(new ChatMessage("assistant", result.text()));
                rendered = written;
                held = prompt;
                answer = result.tokens().stream().mapToInt(Integer::intValue).toArray();
                answerText = result.text();
            }
            return result;
        } finally {
            if (messages.size() == before + 1) {
                messages.removeLast();
            }
        }
    }

    /** Forgets everything but how the model is to behave. */
    public void reset() {
        messages.subList(opening, messages.size()).clear();
        rendered = new int[0];
        held = new int[0];
        answer = new int[0];
        answerText = "";
    }

    /** Replaces what the template wrote of the last answer by the tokens that the model chose, if both are the same text. */
    private int[] keepingAnswer(int[] written) {
        int from = rendered.length;
        if (from == 0 || written.length < from || !Arrays.equals(rendered, 0, from, written, 0, from)) {
            return written;
        }
        int end = from;
        while (end < written.length && !model.tokenizer().isEndOfGeneration(written[end])) {
            end++;
        }
        String text = model.tokenizer().decode(Arrays.copyOfRange(written, from, end), false);
        if (end == written.length || !text.strip().equals(answerText.strip())) {
            return written; // the template changes answers afterwards, for example by leaving out the model's reasoning
        }
        return IntStream.of(held.length, answer.length, written.length - end).sum() > session.contextLength()
                ? written
                : join(held, answer, Arrays.copyOfRange(written, end, written.length));
    }

    private static int[] join(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }
}
