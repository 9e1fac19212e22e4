package dev.winnow.core.plugin;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.Availability;
import dev.winnow.spi.BackendProvider;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.Provider;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
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
 * @param priority  a backend's rank; null for other kinds, and if it was rejected
 * @param hardware  what of the machine a usable backend uses; empty if it does not say, and for other kinds
 * @param description what a refiner does; null for other kinds, and if it was rejected
 */
public record Candidate(ProviderKind kind, String id, String version, String location, @Nullable Provider provider, String reason,
        String remedy, @Nullable Integer priority, String hardware, @Nullable String description) {

    private static final String FOR_ITS_AUTHOR = "remove the jar, or tell its author";

    /** The ids of Winnow's own plug-ins: a setting that names one must never lead to something else. */
    private static final Set<String> RESERVED = Set.of("reference", "cpu", "swa", "sparsek");

    /** Returns whether the provider can be used. */
    public boolean isUsable() {
        return provider != null && reason.isEmpty();
    }

    /**
     * Asks the provider of a usable candidate for something.
     *
     * @throws WinnowException that names the plug-in if it fails or answers null; one that it throws itself passes through
     */
    public <T> T call(Function<Provider, @Nullable T> question) {
        try {
            return given(question.apply(Objects.requireNonNull(provider)), "what it was asked");
        } catch (WinnowException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw new WinnowException(WinnowException.Kind.PLUGIN, "The " + kind.label() + " plug-in " + name() + " "
                    + PluginFailure.clause(e) + "; remove it, or leave it out with --disable-plugin " + id + ".", e);
        }
    }

    /** Returns what to call the plug-in in messages, after its kind. */
    public String name() {
        return "'" + id + "' from " + location;
    }

    static Candidate rejected(ProviderKind kind, String id, String location, String reason, String remedy) {
        return rejected(kind, id, "unknown", location, reason, remedy);
    }

    static Candidate rejected(ProviderKind kind, String id, String version, String location, String reason, String remedy) {
        return new Candidate(kind, id, version, location, null, reason, remedy, null, "", null);
    }

    /** Asks a provider for all that is to be known of it without a model. Throws what the provider throws. */
    static Candidate of(ProviderKind kind, Provider provider, String location) {
        String id = given(provider.id(), "id()");
        if (!id.matches("[a-z][a-z0-9-]*")) {
            return rejected(kind, provider.getClass().getName(), location, "its id '" + id + "' is not of the form [a-z][a-z0-9-]*",
                    FOR_ITS_AUTHOR);
        }
        if (RESERVED.contains(id) && !provider.getClass().getName().startsWith("dev.winnow.")) {
            return rejected(kind, id, location, "the id '" + id + "' is reserved for Winnow's own plug-in", FOR_ITS_AUTHOR);
        }
        if (provider.spiVersion() != Provider.SPI_VERSION) {
            return rejected(kind, id, location,
                    "it was built for version " + provider.spiVersion() + " of the plug-in interface, but this runtime has version "
                            + Provider.SPI_VERSION,
                    "get a release of it that was built for version " + Provider.SPI_VERSION);
        }
        String reason = "";
        String remedy = "";
        if (given(provider.availability(), "availability()") instanceof Availability.Unavailable unavailable) {
            reason = unavailable.reason();
            remedy = unavailable.remedy();
        }
        Integer priority = provider instanceof BackendProvider backend ? backend.priority() : null;
        String hardware = reason.isEmpty() && provider instanceof BackendProvider backend ? given(backend.hardware(), "hardware()") : "";
        String description = provider instanceof MaskRefinerProvider refiner ? given(refiner.description(), "description()") : null;
        return new Candidate(kind, id, given(provider.version(), "version()"), location, provider, reason, remedy, priority, hardware,
                description);
    }

    private static <T> T given(@Nullable T answer, String method) {
        return Objects.requireNonNull(answer, () -> method + " returns null");
    }
}
