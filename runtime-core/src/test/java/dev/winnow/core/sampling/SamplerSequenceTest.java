package dev.winnow.core.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.SamplingOptions;
import dev.winnow.api.SamplingOptions.Sampler;
import dev.winnow.api.WinnowException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplerSequenceTest {

    @Test
    void theDefaultOfLlamaCppIsTheDefaultOfWinnow() {
        assertEquals(SamplingOptions.defaults().sequence(), SamplerSequence.parse("edskypmxt"));
    }

    @Test
    void keepsTheOrder() {
        assertEquals(List.of(Sampler.TOP_K), SamplerSequence.parse("k"));
        assertEquals(List.of(Sampler.TEMPERATURE, Sampler.TOP_P, Sampler.PENALTIES), SamplerSequence.parse("tpe"));
        assertEquals(List.of(), SamplerSequence.parse(""));
    }

    @Test
    void anUnknownLetterIsAnErrorThatListsTheKnownOnes() {
        WinnowException error = assertThrows(WinnowException.class, () -> SamplerSequence.parse("kz"));
        assertEquals(WinnowException.Kind.USAGE, error.kind());
        String message = error.toString();
        assertTrue(message.contains("'z'") && message.contains("k (top-k)"), message);
    }
}
