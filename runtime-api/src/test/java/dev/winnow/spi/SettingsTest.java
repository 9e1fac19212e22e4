package dev.winnow.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SettingsTest {

    @Test
    void parsesNamesAndValues() {
        Settings settings = Settings.parse("demo", " top-k=512, tau = 0.95,on=true,text=a=b");
        assertEquals(OptionalInt.of(512), settings.integer("top-k", 0, 1000));
        assertEquals(OptionalDouble.of(0.95), settings.real("tau", 0, 1));
        assertEquals(Optional.of(true), settings.bool("on"));
        assertEquals(Optional.of("a=b"), settings.text("text"));
        assertEquals(OptionalInt.empty(), settings.integer("window", 0, 1));
        assertEquals(OptionalDouble.empty(), settings.real("window", 0, 1));
        assertEquals(Optional.empty(), settings.bool("window"));
        assertEquals(settings, Settings.parse("demo", settings.toString()));
        assertEquals(settings.hashCode(), Settings.parse("demo", settings.toString()).hashCode());
    }

    @Test
    void anEmptyTextHasNoSettings() {
        assertTrue(Settings.parse("demo", " ").isEmpty());
        assertTrue(Settings.none().isEmpty());
        assertEquals("", Settings.none().toString());
    }

    @Test
    void malformedTextIsOneClearSentence() {
        assertMessage("demo: 'top-k' is not of the form name=value", () -> Settings.parse("demo", "top-k"));
        assertMessage("demo: '' is not of the form name=value", () -> Settings.parse("demo", "a=1,"));
        assertMessage("demo: the setting 'a' is given twice", () -> Settings.parse("demo", "a=1,a=2"));
    }

    @Test
    void valuesOutOfRangeNameWhatIsAllowed() {
        Settings settings = Settings.of("demo", Map.of("a", "-1", "b", "x", "c", "NaN", "d", "99999999999"));
        assertMessage("demo: '-1' is not a value for 'a', which takes an integer from 0 to 9", () -> settings.integer("a", 0, 9));
        assertMessage("demo: 'x' is not a value for 'b', which takes an integer from 0 to 9", () -> settings.integer("b", 0, 9));
        assertMessage("demo: '99999999999' is not a value for 'd', which takes an integer from 0 to 9", () -> settings.integer("d", 0, 9));
        assertMessage("demo: 'x' is not a value for 'b', which takes a number from 0.0 to 1.0", () -> settings.real("b", 0, 1));
        assertMessage("demo: 'NaN' is not a value for 'c', which takes a number from 0.0 to 1.0", () -> settings.real("c", 0, 1));
        assertMessage("demo: 'x' is not a value for 'b', which takes true or false", () -> settings.bool("b"));
    }

    @Test
    void unknownNamesListTheKnownOnes() {
        Settings settings = Settings.parse("demo", "windoww=3");
        assertMessage("demo: unknown setting 'windoww'; known: sinks, window", () -> settings.requireKnown("window", "sinks"));
        Settings.parse("demo", "window=3").requireKnown("window", "sinks");
    }

    private static void assertMessage(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
