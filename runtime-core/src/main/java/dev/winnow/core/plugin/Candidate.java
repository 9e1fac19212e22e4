package dev.winnow.core.plugin;

import dev.winnow.spi.Availability;
import dev.winnow.spi.Provider;
import org.jspecify.annotations.Nullable;

/**
 * A provider that was found, usable or not.
 *
 * @param kind      its kind
 * @param id        its id; the class name, or the service's, if it could not be created
 * @param version   the plug-in's version
 * @param location  where it came from
 * @param provider  the provider; null if it was rejected
 * @param reason    why it was rejected or is unavailable; empty if it is usable
 * @param remedy    what to do about it; may be empty
 */
public record Candidate(ProviderKind kind, String id, String version, String location, @Nullable Provider provider, String reason,
        String remedy) {

    /** Returns whether the provider can be used. */
    public boolean isUsable() {
        return provider != null && reason.isEmpty();
    }

    static Candidate rejected(ProviderKind kind, String id, String location, String reason) {
        return new Candidate(kind, id, "unknown", location, null, reason, "");
    }

    static Candidate of(ProviderKind kind, Provider provider, String location) {
        String id = provider.id();
        if (!id.matches("[a-z][a-z0-9-]*")) {
            return rejected(kind, provider.getClass().getName(), location, "its id '" + id + "' is not of the form [a-z][a-z0-9-]*");
        }
        if (provider.spiVersion() != Provider.SPI_VERSION) {
            return rejected(kind, id, location,
                    "it was built for version " + provider.spiVersion() + " of the plug-in interface, but this runtime has version "
                            + Provider.SPI_VERSION);
        }
        return switch (provider.availability()) {
            case Availability.Available available -> new Candidate(kind, id, provider.version(), location, provider, "", "");
            case Availability.Unavailable(String reason, String remedy) ->
                new Candidate(kind, id, provider.version(), location, provider, reason, remedy);
        };
    }
}
