package dev.winnow.spi;

/** Whether a provider can work in this JVM on this machine, probed once at start-up. */
public sealed interface Availability {

    /** The provider works here. */
    record Available() implements Availability {}

    /**
     * The provider does not work here.
     *
     * @param reason what is missing, as a clause without a full stop ("the module jdk.incubator.vector is not resolved")
     * @param remedy what the user can do about it ("add --add-modules jdk.incubator.vector")
     */
    record Unavailable(String reason, String remedy) implements Availability {}

    /** Returns the value for a provider that works. */
    static Availability available() {
        return new Available();
    }

    /** Returns the value for a provider that does not work, with the reason and the remedy. */
    static Availability unavailable(String reason, String remedy) {
        return new Unavailable(reason, remedy);
    }
}
