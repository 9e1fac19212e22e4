package dev.winnow.launcher.convert;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a {@code tokenizer.json} of Hugging Face's tokenizers whose model is byte-pair encoding, over bytes or over characters. */
final class TokenizerJson {

    private static final float LOWEST = -1e9f; // of tokens that no merge makes

    private final JsonObject whole;
    private final JsonObject model;
    private final TokenTable tokens = new TokenTable();
    private final List<String[]> merges = new ArrayList<>();

    private TokenizerJson(JsonObject whole) {
        this.whole = whole;
        this.model = whole.object("model").orElseThrow(() -> whole.missing("model"));
        String type = model.text("type").orElse("BPE");
        if (!type.equals("BPE")) {
            throw Defects.unsupported("The tokenizer in " + whole.file() + " is of the kind " + type + "; only BPE is converted");
        }
        readMerges();
        readVocabulary();
        for (JsonObject added : whole.objects("added_tokens")) {
            int number = added.integer("id", -1, 0, TokenTable.MAX_TOKEN);
            tokens.setAdded(number, added.text("content").orElseThrow(() -> added.missing("content")), added.bool("special").orElse(false));
        }
    }

    static TokenizerJson of(JsonObject whole) {
        return new TokenizerJson(whole);
    }

    private void readMerges() {
        for (JsonNode merge : model.list("merges")) {
            String[] pair;
            if (merge.isArray() && merge.size() == 2) {
                pair = new String[]{merge.get(0).asString(""), merge.get(1).asString("")};
            } else {
                String text = merge.asString("");
                int space = text.indexOf(' ', 1);
                pair = space < 0 ? new String[]{"", ""} : new String[]{text.substring(0, space), text.substring(space + 1)};
            }
            if (pair[0].isEmpty() || pair[1].isEmpty()) {
                throw model.wrong("merges", "a list of pairs");
            }
            merges.add(pair);
        }
    }

    private void readVocabulary() {
        JsonObject vocabulary = model.object("vocab").orElseThrow(() -> model.missing("vocab"));
        String unknown = model.text("unk_token").orElse(null);
        Map<String, Integer> ranks = new java.util.HashMap<>();
        for (int rank = 0; rank < merges.size(); rank++) {
            ranks.putIfAbsent(merges.get(rank)[0] + merges.get(rank)[1], rank);
        }
        for (Map.Entry<String, JsonNode> entry : vocabulary.entries()) {
            String text = entry.getKey();
            int number = vocabulary.integer(text, -1, 0, TokenTable.MAX_TOKEN);
            boolean isByte = !byteLevel() && text.matches("<0x[0-9A-F]{2}>");
            int type = text.equals(unknown) ? TokenTable.UNKNOWN : isByte ? TokenTable.BYTE : TokenTable.NORMAL;
            Integer rank = ranks.get(text);
            tokens.set(number, text, type, rank == null ? LOWEST : -rank);
        }
    }

    TokenTable tokens() {
        return tokens;
    }

    /** Returns whether the vocabulary is over bytes, as GPT-2's, and not over characters, as SentencePiece's. */
    boolean byteLevel() {
        return whole.object("pre_tokenizer").map(TokenizerJson::hasBytes).orElse(false)
                || whole.object("decoder").map(TokenizerJson::hasBytes).orElse(false);
    }

    private static boolean hasBytes(JsonObject step) {
        return step.text("type").orElse("").equals("ByteLevel") || step.objects("pretokenizers").stream().anyMatch(TokenizerJson::hasBytes)
                || step.objects("decoders").stream().anyMatch(TokenizerJson::hasBytes);
    }

    /** Returns the name of the pre-tokenizer of a vocabulary over bytes. */
    String preTokenizer() {
        boolean wholeWords = model.bool("ignore_merges").orElse(false);
        return whole.object("pre_tokenizer").flatMap(step -> PreTokenizerNames.recognise(step, wholeWords))
                .orElseThrow(() -> Defects.unsupported("The pre-tokenizer in " + whole.file() + " is not known; known are those of "
                        + PreTokenizerNames.known() + "; if it is one of llama.cpp's, name it with --pre"));
    }

    /** Returns the merges as lines; spaces inside of tokens are written as GPT-2's visible character. */
    String[] mergeLines() {
        return merges.stream().map(pair -> pair[0].replace(' ', '\u0120') + " " + pair[1].replace(' ', '\u0120')).toArray(String[]::new);
    }

    /**
     * Warns if scores cannot stand for the merges. SentencePiece joins any two neighbours whose union is a token, so every way to cut a token into two must be
     * a merge, as it is in files that were made from a {@code tokenizer.model}.
     */
    void warnOfMissingMerges(Consumer<String> warnings) {
        Set<String> pairs = new HashSet<>();
        Set<String> made = new HashSet<>();
        for (String[] pair : merges) {
            pairs.add(pair[0] + "\u0000" + pair[1]);
            made.add(pair[0] + pair[1]);
        }
        int missing = 0;
        for (String text : made) {
            for (int cut = text.offsetByCodePoints(0, 1); cut < text.length(); cut = text.offsetByCodePoints(cut, 1)) {
                String left = text.substring(0, cut);
                String right = text.substring(cut);
                boolean possible = tokens.find(left).isPresent() && tokens.find(right).isPresent();
                missing += possible && !pairs.contains(left + "\u0000" + right) ? 1 : 0;
            }
        }
        if (missing > 0) {
            warnings.accept(missing + " merges that SentencePiece would make are not in " + whole.file()
                    + ", so that some texts may get other tokens; put the tokenizer.model beside it if there is one");
        }
    }

    /** Returns whether a space is put before the text. */
    boolean addsSpacePrefix() {
        return prepends(whole.object("normalizer").orElse(null)) || prepends(whole.object("pre_tokenizer").orElse(null));
    }

    private static boolean prepends(@Nullable JsonObject step) {
        if (step == null) {
            return false;
        }
        return switch (step.text("type").orElse("")) {
            case "Prepend" -> true;
            case "Metaspace" -> step.text("prepend_scheme").map(scheme -> !scheme.equals("never"))
                    .orElse(step.bool("add_prefix_space").orElse(true));
            case "Sequence" -> step.objects("normalizers").stream().anyMatch(TokenizerJson::prepends)
                    || step.objects("pretokenizers").stream().anyMatch(TokenizerJson::prepends);
            default -> false;
        };
    }

    /** Returns whether a special token is put at one end of a text; empty if the file does not say. */
    Optional<Boolean> adds(String token, boolean atEnd) {
        return whole.object("post_processor").flatMap(step -> adds(step, token, atEnd));
    }

    private static Optional<Boolean> adds(JsonObject step, String token, boolean atEnd) {
        if (step.text("type").orElse("").equals("Sequence")) {
            return step.objects("processors").stream().flatMap(part -> adds(part, token, atEnd).stream()).findFirst();
        }
        if (!step.text("type").orElse("").equals("TemplateProcessing")) {
            return Optional.empty();
        }
        List<JsonObject> single = step.objects("single");
        if (single.isEmpty()) {
            return Optional.empty();
        }
        JsonObject end = atEnd ? single.getLast() : single.getFirst();
        return Optional.of(end.object("SpecialToken").flatMap(special -> special.text("id")).filter(token::equals).isPresent());
    }
}
