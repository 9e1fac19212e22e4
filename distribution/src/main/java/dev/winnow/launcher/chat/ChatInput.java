package dev.winnow.launcher.chat;

import org.jspecify.annotations.Nullable;

/** Where the messages of a conversation come from. */
public interface ChatInput extends AutoCloseable {

    /** Returns the next message; null at the end. */
    @Nullable
    String next();

    /** Returns whether a person sits there, who can react to an error. */
    boolean isInteractive();

    /** Makes Ctrl-C call an action instead of ending the program, until the returned object is closed. */
    Interruptible onInterrupt(Runnable action);

    @Override
    void close();

    /** Ends what {@link #onInterrupt} began. */
    interface Interruptible extends AutoCloseable {
        @Override
        void close();
    }
}
