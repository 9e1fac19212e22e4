package dev.winnow.spi;

/** Service: answers whether a mask refiner applies to a model with the user's settings, and with which parameters. */
public interface MaskRefinerProvider extends Provider {

    /**
     * Decides whether the refiner applies. A refiner runs only if the model's metadata or the user asks for it.
     *
     * @param request the model and the settings
     * @throws IllegalArgumentException for invalid settings or metadata; the message is one clear sentence
     */
    RefinerDecision decide(RefinerRequest request);

    /**
     * Returns whether the runtime may create a refiner that is no session's. Beside a long prompt it gives it layers that resemble the model's and random keys,
     * and has it refine single tokens on a thread of its own, so that the JVM has compiled it when generation begins; nobody sees the results. For refiners that
     * compute much and share nothing that changes with others.
     */
    default boolean warmsUp() {
        return false;
    }

    /** Returns one line that says what the refiner does, its settings, and what it costs in accuracy if it costs any. Called once. */
    String description();
}
