package dev.winnow.core.model;

/** A forward pass has computed numbers that cannot be stored. Ends the pass; whose fault it is, its caller finds out. */
public final class NotFiniteException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Creates the exception; the message is what holds the numbers, as the subject of a sentence, in the plural. */
    NotFiniteException(String message) {
        super(message);
    }
}
