package dev.winnow.api;

import org.jspecify.annotations.Nullable;

/** A failure that the user can understand: the message is one clear sentence that says what is wrong, where, and what to do. */
public class WinnowException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Who can do something about the failure. The launcher turns it into its exit code. */
    public enum Kind {
        /** An option, setting or prompt is wrong. */
        USAGE,
        /** A model file is missing, malformed or inconsistent. */
        MODEL,
        /** The input is valid, but Winnow cannot run it: unknown architecture, tensor type or tokenizer. */
        UNSUPPORTED,
        /** Not enough memory, or the context is full. */
        RESOURCES,
        /** A plug-in failed or broke its contract. */
        PLUGIN
    }

    private final Kind kind;

    /** Creates a failure without a cause. */
    public WinnowException(Kind kind, String message) {
        this(kind, message, null);
    }

    /** Creates a failure with its cause. */
    public WinnowException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Returns who can do something about the failure. */
    public Kind kind() {
        return kind;
    }
}
