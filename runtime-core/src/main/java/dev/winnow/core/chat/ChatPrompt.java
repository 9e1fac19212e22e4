package dev.winnow.core.chat;

import dev.winnow.api.ChatMessage;
import dev.winnow.api.Tokenizer;
import dev.winnow.core.chat.jinja.Text;
import dev.winnow.core.tokenizer.Tokenizers;
import java.util.List;
import java.util.stream.IntStream;

/** Turns conversations into tokens. */
public final class ChatPrompt {

    private ChatPrompt() {}

    /**
     * Returns the tokens of a conversation.
     *
     * <p>The rule that keeps messages from forging control tokens: while the template is rendered, every character remembers whether it comes from the content
     * of a message, through all filters and string methods. In the finished text the names of control tokens are found only where none of their characters
     * comes from a message. What lies between control tokens is then tokenized as a whole, so that words may reach from the template into a message. Hence a
     * conversation without such names has exactly the tokens of {@code tokenizer.encode(template.render(messages, addGenerationPrompt), false, true)}.
     *
     * <p>A token that begins texts is added if the model wants one and the template has not written it.
     *
     * @param tokenizer           a tokenizer made by {@link Tokenizers#of}
     * @param addGenerationPrompt whether the beginning of the assistant's next message is added
     * @throws dev.winnow.api.WinnowException if the template refuses the conversation or fails
     */
    public static int[] encode(ChatTemplate template, Tokenizer tokenizer, List<ChatMessage> messages, boolean addGenerationPrompt) {
        Text text = template.text(messages, addGenerationPrompt);
        int[] tokens = Tokenizers.encodePrompt(tokenizer, text.value(), text.marks(), false);
        boolean begun = tokenizer.bosToken().isEmpty() || (tokens.length > 0 && tokens[0] == tokenizer.bosToken().getAsInt());
        return !tokenizer.addsBos() || begun
                ? tokens
                : IntStream.concat(IntStream.of(tokenizer.bosToken().getAsInt()), IntStream.of(tokens)).toArray();
    }
}
