package dev.winnow.launcher.convert;

import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufType;
import dev.winnow.core.gguf.GgufValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Writes the keys under {@code tokenizer}: vocabulary, special tokens and chat template. */
final class TokenizerKeys {

    private final Path folder;
    private final ModelConfig config;
    private final GgufMetadata.Builder metadata;
    private final int vocabularySize;
    private final @Nullable JsonObject settings; // tokenizer_config.json
    private final @Nullable TokenizerJson json;

    private TokenizerKeys(Path folder, ModelConfig config, int vocabularySize, GgufMetadata.Builder metadata) {
        this.folder = folder;
        this.config = config;
        this.vocabularySize = vocabularySize;
        this.metadata = metadata;
        this.settings = readIfThere("tokenizer_config.json");
        JsonObject file = readIfThere("tokenizer.json");
        this.json = file == null ? null : TokenizerJson.of(file);
    }

    /**
     * Describes the tokenizer of a checkpoint.
     *
     * @param preTokenizer name of the pre-tokenizer, or null to recognise it
     */
    static void describe(Path folder, ModelConfig config, int vocabularySize, @Nullable String preTokenizer, GgufMetadata.Builder metadata,
            Consumer<String> warnings) {
        TokenizerKeys keys = new TokenizerKeys(folder, config, vocabularySize, metadata);
        TokenTable tokens = keys.vocabulary(preTokenizer, warnings);
        keys.specialTokens(tokens);
        keys.chatTemplate();
    }

    private @Nullable JsonObject readIfThere(String name) {
        Path file = folder.resolve(name);
        return Files.exists(file) ? JsonObject.read(file) : null;
    }

    private TokenTable vocabulary(@Nullable String preTokenizer, Consumer<String> warnings) {
        Path sentencePiece = folder.resolve("tokenizer.model");
        if (json != null && json.byteLevel()) {
            metadata.set("tokenizer.ggml.model", GgufValue.string("gpt2"));
            metadata.set("tokenizer.ggml.pre", GgufValue.string(preTokenizer != null ? preTokenizer : json.preTokenizer()));
            write(json.tokens(), false);
            metadata.set("tokenizer.ggml.merges", GgufValue.strings(json.mergeLines()));
            return json.tokens();
        }
        TokenTable tokens;
        boolean addSpacePrefix;
        if (Files.exists(sentencePiece)) {
            SentencePieceModel model = SentencePieceModel.read(sentencePiece);
            tokens = model.tokens();
            addSpacePrefix = model.addSpacePrefix();
            addedTokens(tokens);
        } else if (json != null) {
            json.warnOfMissingMerges(warnings);
            tokens = json.tokens();
            addSpacePrefix = json.addsSpacePrefix();
        } else {
            throw Defects.in(folder, "has no tokenizer.json and no tokenizer.model");
        }
        metadata.set("tokenizer.ggml.model", GgufValue.string("llama"));
        metadata.set("tokenizer.ggml.pre", GgufValue.string("default"));
        write(tokens, true);
        metadata.set("tokenizer.ggml.add_space_prefix", GgufValue.bool(addSpacePrefix));
        return tokens;
    }

    /** Tokens that were added to a vocabulary of SentencePiece. */
    private void addedTokens(TokenTable tokens) {
        JsonObject whole = readIfThere("tokenizer.json");
        if (whole != null) {
            for (JsonObject added : whole.objects("added_tokens")) {
                tokens.setAdded(added.integer("id", -1, 0, TokenTable.MAX_TOKEN),
                        added.text("content").orElseThrow(() -> added.missing("content")),
                        added.bool("special").orElse(false));
            }
        } else if (settings != null) {
            settings.object("added_tokens_decoder").ifPresent(decoder -> decoder.entries().forEach(entry -> {
                JsonObject added = decoder.object(entry.getKey()).orElseThrow(() -> decoder.wrong(entry.getKey(), "an object"));
                if (!entry.getKey().matches("[0-9]{1,6}")) {
                    throw decoder.wrong(entry.getKey(), "under the number of a token");
                }
                tokens.setAdded(Integer.parseInt(entry.getKey()), added.text("content").orElseThrow(() -> added.missing("content")),
                        added.bool("special").orElse(false));
            }));
        }
    }

    private void write(TokenTable tokens, boolean withScores) {
        if (tokens.size() > vocabularySize) {
            throw Defects.in(folder, "has a tokenizer with " + tokens.size() + " tokens, but embeddings for only " + vocabularySize);
        }
        tokens.describe(metadata, vocabularySize, withScores);
    }

    private void specialTokens(TokenTable tokens) {
        Optional<String> bos = special("bos_token");
        Optional<String> eos = special("eos_token");
        OptionalInt bosId = id("bos", bos, tokens);
        Set<Integer> ends = ends();
        OptionalInt eosId = id("eos", eos, tokens);
        if (eosId.isEmpty() && !ends.isEmpty()) {
            eosId = OptionalInt.of(ends.iterator().next());
        }
        bosId.ifPresent(token -> set("bos", token));
        eosId.ifPresent(token -> set("eos", token));
        id("pad", special("pad_token"), tokens).ifPresent(token -> set("padding", token));
        special("unk_token").map(tokens::find).filter(OptionalInt::isPresent).ifPresent(token -> set("unknown", token.getAsInt()));
        // Further tokens that end an answer, by the keys that there are for them.
        List<Integer> others = new ArrayList<>(ends);
        others.remove((Object) eosId.orElse(-1));
        for (int i = 0; i < Math.min(2, others.size()); i++) {
            set(i == 0 ? "eot" : "eom", others.get(i));
        }
        flag("add_bos_token", bos, false, json == null || !json.byteLevel());
        flag("add_eos_token", eos, true, false);
    }

    private void set(String name, int token) {
        metadata.set("tokenizer.ggml." + name + "_token_id", GgufValue.integer(GgufType.U32, token));
    }

    /** A special token of tokenizer_config.json: a text, or an object with one. */
    private Optional<String> special(String key) {
        JsonNode value = settings == null ? null : settings.find(key);
        if (value != null && value.isObject() && settings != null) {
            return settings.object(key).flatMap(object -> object.text("content"));
        }
        return settings == null ? Optional.empty() : settings.text(key);
    }

    /** The number of a special token: that of its text, or else of config.json. */
    private OptionalInt id(String name, Optional<String> text, TokenTable tokens) {
        OptionalInt found = text.map(tokens::find).orElse(OptionalInt.empty());
        JsonObject holder = config.holderOf(name + "_token_id");
        JsonNode value = holder.find(name + "_token_id");
        if (found.isPresent() || value == null || value.isArray()) {
            return found;
        }
        int number = holder.integer(name + "_token_id", -1, -1, Integer.MAX_VALUE);
        return number >= 0 && number < vocabularySize ? OptionalInt.of(number) : OptionalInt.empty();
    }

    /** Returns the tokens that end an answer: those of generation_config.json, or else of config.json. */
    private Set<Integer> ends() {
        JsonObject generation = readIfThere("generation_config.json");
        JsonObject holder = generation != null && generation.has("eos_token_id") ? generation : config.holderOf("eos_token_id");
        JsonNode value = holder.find("eos_token_id");
        Set<Integer> ends = new LinkedHashSet<>();
        if (value != null) {
            List<JsonNode> numbers = value.isArray() ? holder.list("eos_token_id") : List.of(value);
            for (JsonNode number : numbers) {
                if (!number.isIntegralNumber() || !number.canConvertToInt()) {
                    throw holder.wrong("eos_token_id", "the number of a token, or a list of them");
                }
                if (number.intValue() >= 0 && number.intValue() < vocabularySize) {
                    ends.add(number.intValue());
                }
            }
        }
        return ends;
    }

    /** Whether texts get a special token at one end: what the settings say, else what the tokenizer does, else what its kind usually does. */
    private void flag(String key, Optional<String> token, boolean atEnd, boolean usual) {
        Optional<Boolean> declared = settings == null ? Optional.empty() : settings.bool(key);
        Optional<Boolean> done = json == null || token.isEmpty() ? Optional.empty() : json.adds(token.get(), atEnd);
        metadata.set("tokenizer.ggml." + key, GgufValue.bool(declared.or(() -> done).orElse(usual)));
    }

    private void chatTemplate() {
        Path file = folder.resolve("chat_template.jinja");
        if (Files.exists(file)) {
            try {
                setTemplate("", Files.readString(file));
            } catch (IOException e) {
                throw new WinnowException(WinnowException.Kind.MODEL, "The file " + file + " is not readable as UTF-8 text.", e);
            }
            return;
        }
        JsonObject old = readIfThere("chat_template.json");
        JsonObject holder = old != null ? old : settings;
        JsonNode value = holder == null ? null : holder.find("chat_template");
        if (holder == null || value == null) {
            return;
        }
        if (!value.isArray()) {
            holder.text("chat_template").ifPresent(text -> setTemplate("", text));
            return;
        }
        List<String> names = new ArrayList<>();
        for (JsonObject named : holder.objects("chat_template")) {
            String name = named.text("name").orElseThrow(() -> named.missing("name"));
            String text = named.text("template").orElseThrow(() -> named.missing("template"));
            if (name.equals("default")) {
                setTemplate("", text);
            } else {
                setTemplate("." + name, text);
                names.add(name);
            }
        }
        if (!names.isEmpty()) {
            metadata.set("tokenizer.chat_templates", GgufValue.strings(names.toArray(String[]::new)));
        }
    }

    private void setTemplate(String suffix, String text) {
        metadata.set("tokenizer.chat_template" + suffix, GgufValue.string(text));
    }
}
