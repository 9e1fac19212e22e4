package dev.winnow.launcher.convert;

import dev.winnow.api.WinnowException;
import java.nio.file.Path;

/** Failures of a conversion, one sentence each. */
final class Defects {

    private Defects() {}

    /** A file of the checkpoint is damaged or contradicts another; {@code problem} continues the name of the file. */
    static WinnowException in(Path file, String problem) {
        return new WinnowException(WinnowException.Kind.MODEL, file + " " + printable(problem) + ".");
    }

    /** The checkpoint is sound, but cannot be converted; {@code problem} is the sentence without its full stop. */
    static WinnowException unsupported(String problem) {
        return new WinnowException(WinnowException.Kind.UNSUPPORTED, printable(problem) + ".");
    }

    /** Names of keys and tensors come from the file and may hold anything. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
