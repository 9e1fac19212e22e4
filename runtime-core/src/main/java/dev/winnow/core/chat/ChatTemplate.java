package dev.winnow.core.chat;

import dev.winnow.api.ChatMessage;
import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import dev.winnow.core.chat.jinja.JinjaException;
import dev.winnow.core.chat.jinja.Template;
import dev.winnow.core.chat.jinja.Text;
import dev.winnow.spi.ModelMetadata;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * Writes conversations in the form that a model was trained on: the Jinja template of its file, rendered as Hugging Face's {@code apply_chat_template} does.
 * Immutable and thread-safe.
 */
public final class ChatTemplate {

    /** The key of the template in a model file. */
    private static final String KEY = "tokenizer.chat_template";

    /** Templates write roles next to control tokens, or build the tokens from them, so roles must not look like any. */
    private static final Pattern ROLE = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

    private final Template template;
    private final String bosText;
    private final String eosText;

    private ChatTemplate(Template template, String bosText, String eosText) {
        this.template = template;
        this.bosText = bosText;
        this.eosText = eosText;
    }

    /**
     * Reads a template.
     *
     * @param jinjaSource the template
     * @param bosText     the name of the token that begins texts, which templates know as {@code bos_token}; empty for none
     * @param eosText     the name of the token that ends texts, which templates know as {@code eos_token}; empty for none
     * @throws WinnowException for a template that is malformed or uses what this engine does not know
     */
    public static ChatTemplate of(String jinjaSource, String bosText, String eosText) {
        try {
            return new ChatTemplate(Template.parse(jinjaSource), bosText, eosText);
        } catch (JinjaException e) {
            throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                    "The model's chat template (" + KEY + ") cannot be read: " + describe(e) + "; give the prompt as plain text instead.",
                    e);
        }
    }

    /**
     * Returns the template of a model file, or empty if it has none.
     *
     * @throws WinnowException for a template that is malformed or uses what this engine does not know
     */
    public static Optional<ChatTemplate> of(ModelMetadata metadata, Tokenizer tokenizer) {
        return metadata.string(KEY).map(source -> of(source, name(tokenizer, tokenizer.bosToken()), name(tokenizer, tokenizer.eosToken())));
    }

    private static String name(Tokenizer tokenizer, OptionalInt token) {
        return token.isPresent() ? tokenizer.tokenText(token.getAsInt()) : "";
    }

    /**
     * Returns the prompt of a conversation as text. To tokenize it, use {@link ChatPrompt}, which keeps messages apart from control tokens.
     *
     * @param addGenerationPrompt whether the beginning of the assistant's next message is added
     * @throws WinnowException if the template refuses the conversation, for example two messages of the user in a row, or fails
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        return text(messages, addGenerationPrompt).value();
    }

    /** As above; the text knows which of its characters come from messages. */
    Text text(List<ChatMessage> messages, boolean addGenerationPrompt) {
        List<Object> dicts = new ArrayList<>();
        for (ChatMessage message : messages) {
            if (!ROLE.matcher(message.role()).matches()) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "The role '" + message.role() + "' is not a name: use system, user or assistant.");
            }
            Map<Object, Object> dict = new LinkedHashMap<>();
            dict.put(Text.of("role"), Text.of(message.role()));
            dict.put(Text.of("content"), Text.written(message.content()));
            dicts.add(dict);
        }
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", dicts);
        variables.put("add_generation_prompt", addGenerationPrompt);
        variables.put("bos_token", Text.of(bosText));
        variables.put("eos_token", Text.of(eosText));
        variables.put("tools", Template.none());
        variables.put("documents", Template.none());
        try {
            return template.render(variables, ZonedDateTime::now);
        } catch (JinjaException e) {
            throw e.isRaised()
                    ? new WinnowException(WinnowException.Kind.USAGE,
                            "The model's chat template refuses the conversation: " + e.getMessage(), e)
                    : new WinnowException(WinnowException.Kind.MODEL, "The model's chat template (" + KEY + ") fails: " + describe(e)
                            + "; give the prompt as plain text instead.", e);
        }
    }

    private static String describe(JinjaException e) {
        return e.line() > 0 ? "line " + e.line() + ", " + e.getMessage() : String.valueOf(e.getMessage());
    }

}
