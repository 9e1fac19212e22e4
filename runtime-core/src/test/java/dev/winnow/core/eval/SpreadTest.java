package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {

    @Test
    void theDoubtIsHalfOfStudentsConfidenceInterval() {
        Spread three = Spread.of(List.of(1.0, 1.1, 1.2));
        assertEquals(1.1, three.mean(), 1e-12);
        assertEquals(0.1, three.deviation(), 1e-12);
        assertEquals(0.2484, three.doubt(), 1e-4); // t.test(c(1.0, 1.1, 1.2)) of R: 0.8516 to 1.3484
        assertEquals(2.776 * 2 / Math.sqrt(5), new Spread(0, 2, 5).doubt(), 1e-12);
        assertEquals(2.042 * 2 / 10, new Spread(0, 2, 100).doubt(), 1e-12);
    }

    @Test
    void fewerThanThreeRunsSayNothing() {
        assertEquals(Double.POSITIVE_INFINITY, Spread.of(List.of(5)).doubt());
        assertEquals(Double.POSITIVE_INFINITY, Spread.of(Collections.nCopies(2, 1.5)).doubt());
        assertEquals(0, Spread.of(Collections.nCopies(3, 1.5)).doubt());
    }
}
