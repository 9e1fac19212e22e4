package dev.winnow.launcher;

import dev.winnow.launcher.output.Console;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Shows what libraries log as a warning or worse in the launcher's own form, one line each, and nothing else of it. */
final class WarningsHandler extends Handler {

    private final Console console;

    private WarningsHandler(Console console) {
        this.console = console;
        setFormatter(new SimpleFormatter());
    }

    /** Makes this the only handler of the process. */
    static void install(Console console) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.setLevel(Level.WARNING);
        root.addHandler(new WarningsHandler(console));
    }

    @Override
    public void publish(LogRecord record) {
        if (isLoggable(record)) {
            console.warn(getFormatter().formatMessage(record));
        }
    }

    @Override
    public void flush() {
        // The console writes each line at once.
    }

    @Override
    public void close() {
        // The console belongs to the process.
    }
}
