package dev.winnow.spi;

/**
 * What every plug-in provider has in common. A provider is found by {@link java.util.ServiceLoader} or handed to the runtime's builder; it needs a public
 * constructor without parameters, and constructing it must be cheap.
 */
public interface Provider {

    /** The version of this SPI. Returned from {@link #spiVersion()}, where javac copies the number into the plug-in's own class file. */
    int SPI_VERSION = 1;

    /** Returns the name by which users and settings choose the provider, unique within its kind: {@code [a-z][a-z0-9-]*}. */
    String id();

    /** Returns {@link #SPI_VERSION}: the version that the plug-in was compiled against. A plug-in of another version is rejected. */
    int spiVersion();

    /** Returns the plug-in's own version, for display. */
    default String version() {
        String version = getClass().getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    /** Returns whether the provider works here. Called once, before any other use; must not throw. */
    default Availability availability() {
        return Availability.available();
    }
}
