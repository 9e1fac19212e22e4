package dev.winnow.core.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.TokenDecoder;
import dev.winnow.api.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every text and every vocabulary. */
final class TokenizerPropertyTest {

    private static final long SEED = 16817;

    private static Tokenizer tokenizer(String name) {
        return switch (name) {
            case "gemma3" -> Vocabularies.gemma3();
            case "smollm2" -> Vocabularies.smollm2();
            default -> Vocabularies.vocabulary(name);
        };
    }

    /** A text of random code points, mostly of few blocks so that they meet; U+2581 means a space to SentencePiece and is left out. */
    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(40); n > 0; n--) {
            int point = switch (random.nextInt(6)) {
                case 0 -> random.nextInt(0x80);
                case 1 -> "  \n\t'.?!".charAt(random.nextInt(8));
                case 2 -> random.nextInt(0x3000);
                case 3 -> random.nextInt(Character.MAX_CODE_POINT + 1);
                default -> 'a' + random.nextInt(26);
            };
            text.appendCodePoint(Character.getType(point) == Character.SURROGATE || point == SpaceSymbol.CHARACTER ? 'x' : point);
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma3", "llama-spm", "phi-3", "deepseek-llm"}) // all bytes, and no cleaning of spaces
    void decodingUndoesEncoding(String name) {
        Tokenizer tokenizer = tokenizer(name);
        Random random = new Random(SEED);
        for (int i = 0; i < 2000; i++) {
            String text = text(random);
            assertEquals(text, tokenizer.decode(tokenizer.encode(text, false, false), true), () -> "seed " + SEED + ": " + text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma3", "smollm2", "gpt-2", "llama-spm", "phi-3", "starcoder", "deepseek-llm"})
    void streamingGivesWholeCharactersAndTheSameText(String name) {
        Tokenizer tokenizer = tokenizer(name);
        Random random = new Random(SEED);
        for (int i = 0; i < 2000; i++) {
            boolean special = random.nextBoolean();
            int[] tokens = i % 2 == 0
                    ? tokenizer.encode(text(random), false, false)
                    : random.ints(random.nextInt(12), 0, tokenizer.vocabularySize()).toArray();
            TokenDecoder decoder = tokenizer.newDecoder(special);
            StringBuilder text = new StringBuilder();
            for (int token : tokens) {
                String piece = decoder.append(token);
                assertTrue(piece.isEmpty() || !Character.isLowSurrogate(piece.charAt(0)), piece);
                text.append(piece);
            }
            text.append(decoder.finish());
            assertEquals(tokenizer.decode(tokens, special), text.toString(), () -> "seed " + SEED);
            assertEquals(new String(tokenizer.decodeBytes(tokens, special), StandardCharsets.UTF_8), text.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma3", "smollm2", "gpt-2", "llama-spm", "deepseek-llm"})
    void timeIsLinearForEveryKindOfText(String name) {
        Tokenizer tokenizer = tokenizer(name);
        int size = 500_000;
        for (String part : new String[]{" ", "\n", "a", "<", "'", "1", "<unused", "ab", "\u00e9", " \n", "\u3042", "\t"}) {
            String text = part.repeat(size / part.length());
            int[] tokens = assertTimeoutPreemptively(Duration.ofSeconds(30), () -> tokenizer.encode(text, true, true), part);
            assertTrue(tokens.length > 0); // quadratic time would be hours
        }
    }

    @Test
    void everyPreTokenizerTakesLinearTimeAndLosesNothing() {
        int size = 100_000;
        for (String name : PreTokenizers.names()) {
            PreTokenizer preTokenizer = PreTokenizers.of(name);
            for (String part : new String[]{" ", "\n", "a", "A", "Aa", "1", "a1", " a", "\u0301", "\u3042", "'", " \n ", "!", "x\t"}) {
                CodePoints text = new CodePoints(part.repeat(size / part.length()) + "x");
                WordSplitter.Ends ends = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> preTokenizer.split(text), name + part);
                int last = 0;
                for (int i = 0; i < ends.count(); i++) {
                    assertTrue(ends.get(i) > last, name);
                    last = ends.get(i);
                }
                assertEquals(text.length(), last, name);
            }
        }
    }
}
