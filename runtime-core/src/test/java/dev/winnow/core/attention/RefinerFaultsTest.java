package dev.winnow.core.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.RefinerReport;
import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.spi.RefinerPhase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("listens to a logger that other tests write to")
class RefinerFaultsTest {

    private final Logger logger = Logger.getLogger(RefinerFaults.class.getName());
    private final List<String> warnings = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord warning) {
            warnings.add(warning.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private static ActiveRefiner refiner(String id) {
        return new ActiveRefiner(new RefinerReport(id, false, Map.of()), id + ".jar", RefinerPhase.CONTENT, (tile, mask) -> {});
    }

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void eachRefinerThatIsLeftOutIsReportedOnce() {
        RefinerFaults faults = new RefinerFaults(List.of(refiner("one"), refiner("two")), RefinerErrors.DENSE);
        for (int i = 0; i < 3; i++) {
            faults.failed(0, new IllegalStateException("first"));
            faults.lose(1, new IllegalStateException("second"));
        }
        faults.requireNoneLost();
        assertEquals(2, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).contains("'one' from one.jar failed: java.lang.IllegalStateException: first"), warnings.get(0));
        assertTrue(warnings.get(1).contains("'two' from two.jar failed: java.lang.IllegalStateException: second"), warnings.get(1));
        assertFalse(faults.isLost(0));
        assertTrue(faults.isLost(1));
    }
}
