package dev.winnow.core.plugin;

import dev.winnow.api.ProviderReport;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.Provider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The providers of a runtime: refiners compose, backends compete. Immutable. */
public final class PluginRegistry {

    private final List<Candidate> candidates;
    private final List<Path> jars;

    private PluginRegistry(List<Candidate> candidates, List<Path> jars) {
        this.candidates = List.copyOf(candidates);
        this.jars = List.copyOf(jars);
    }

    /**
     * Collects providers.
     *
     * @param given    providers handed over
     * @param loaders  class loaders to search
     * @param jars     jars behind the loaders, apart from those of the class path
     * @param disabled ids to leave out
     * @throws WinnowException if two providers of a kind have the same id, or none has one that is to be left out
     */
    public static PluginRegistry collect(List<Provider> given, List<ClassLoader> loaders, List<Path> jars, Set<String> disabled) {
        List<Candidate> all = new ArrayList<>();
        for (ProviderKind kind : ProviderKind.values()) {
            Map<String, Candidate> byId = new LinkedHashMap<>();
            List<Candidate> found = new ArrayList<>();
            for (Provider provider : given) {
                if (kind.service().isInstance(provider)) {
                    found.add(ProviderDiscovery.ask(kind, provider, "given"));
                }
            }
            for (ClassLoader loader : loaders) {
                found.addAll(ProviderDiscovery.find(kind, loader));
            }
            for (Candidate candidate : found) {
                if (disabled.contains(candidate.id())) {
                    all.add(Candidate.rejected(kind, candidate.id(), candidate.version(), candidate.location(), "it is disabled",
                            "enable it"));
                    continue;
                }
                if (all.contains(candidate)) {
                    continue; // a broken one, found again through another loader
                }
                if (candidate.provider() != null) {
                    Candidate other = byId.putIfAbsent(candidate.id(), candidate);
                    if (other != null && sameClass(other, candidate)) {
                        continue;
                    }
                    if (other != null) {
                        throw new WinnowException(WinnowException.Kind.PLUGIN,
                                "Two " + kind.label() + " plug-ins have the id '" + candidate.id() + "': one from "
                                        + other.location() + ", one from " + candidate.location() + "; remove one of them.");
                    }
                }
                all.add(candidate);
            }
        }
        requireKnown(disabled, all);
        return new PluginRegistry(all, jars);
    }

    private static void requireKnown(Set<String> disabled, List<Candidate> all) {
        Set<String> known = new TreeSet<>();
        all.forEach(candidate -> known.add(candidate.id()));
        for (String id : new TreeSet<>(disabled)) {
            if (!known.contains(id)) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "There is no plug-in '" + id + "' to leave out; known are " + String.join(", ", known) + ".");
            }
        }
    }

    /** The same class reached through two loaders, for example a plug-in folder's parent: one provider, not a conflict. */
    private static boolean sameClass(Candidate one, Candidate other) {
        return one.provider() != null && other.provider() != null && one.provider().getClass() == other.provider().getClass();
    }

    /** Returns the usable refiners, by id. */
    public Map<String, Candidate> refiners() {
        Map<String, Candidate> refiners = new LinkedHashMap<>();
        for (Candidate candidate : candidates) {
            if (candidate.kind() == ProviderKind.REFINER && candidate.isUsable()) {
                refiners.put(candidate.id(), candidate);
            }
        }
        return refiners;
    }

    /**
     * Returns the refiner of an id.
     *
     * @throws WinnowException if there is none; the message lists the known ones, or says why it cannot be used
     */
    public Candidate refiner(String id) {
        return named(ProviderKind.REFINER, id);
    }

    /**
     * Returns the backend to use.
     *
     * @param id the user's choice; null for the available one of highest priority
     * @throws WinnowException if the choice is unknown or unavailable, or if two have the highest priority
     */
    public Candidate backend(ProviderKind kind, @Nullable String id) {
        return id == null ? best(kind) : named(kind, id);
    }

    private Candidate named(ProviderKind kind, String id) {
        Set<String> known = new TreeSet<>();
        for (Candidate candidate : candidates) {
            if (candidate.kind() == kind) {
                if (candidate.provider() != null) {
                    known.add(candidate.id());
                }
                if (candidate.id().equals(id)) {
                    if (candidate.isUsable()) {
                        return candidate;
                    }
                    throw new WinnowException(WinnowException.Kind.PLUGIN,
                            "The " + kind.label() + " plug-in '" + id + "' from " + candidate.location()
                                    + " cannot be used: " + candidate.reason()
                                    + (candidate.remedy().isEmpty() ? "." : "; " + candidate.remedy() + "."));
                }
            }
        }
        throw new WinnowException(WinnowException.Kind.USAGE, "There is no " + kind.label() + " plug-in '" + id + "'; known are "
                + (known.isEmpty() ? "none" : String.join(", ", known)) + "." + broken(kind));
    }

    /** A sentence about plug-ins that did not come far enough to have an id, one of which may be the one that is looked for; empty if there are none. */
    private String broken(ProviderKind kind) {
        List<String> broken = new ArrayList<>();
        candidates.stream().filter(c -> c.kind() == kind && c.provider() == null && c.id().indexOf('.') >= 0)
                .forEach(c -> broken.add(c.id() + " from " + c.location() + ": " + c.reason()));
        UnreadableJars.reports(jars).forEach(jar -> broken.add(jar.location() + ": " + jar.reason()));
        return broken.isEmpty() ? "" : " Not loaded was " + String.join("; ", broken) + ".";
    }

    private Candidate best(ProviderKind kind) {
        List<Candidate> usable = candidates.stream().filter(c -> c.kind() == kind && c.isUsable())
                .sorted(Comparator.comparingInt(PluginRegistry::priority).reversed()).toList();
        if (usable.isEmpty()) {
            throw new WinnowException(WinnowException.Kind.PLUGIN, "There is no usable " + kind.label() + " plug-in.");
        }
        Candidate best = usable.getFirst();
        if (usable.size() > 1 && priority(usable.get(1)) == priority(best)) {
            throw new WinnowException(WinnowException.Kind.PLUGIN,
                    "The " + kind.label() + " plug-ins '" + best.id() + "' from " + best.location() + " and '"
                            + usable.get(1).id() + "' from " + usable.get(1).location() + " have the same priority; choose one by its id.");
        }
        return best;
    }

    private static int priority(Candidate candidate) {
        return Objects.requireNonNullElse(candidate.priority(), 0);
    }

    /** Returns what is to be shown of every provider. */
    public List<ProviderReport> reports() {
        List<ProviderReport> reports = new ArrayList<>(UnreadableJars.reports(jars));
        for (Candidate candidate : candidates) {
            boolean backend = candidate.kind() != ProviderKind.REFINER;
            boolean chosen = backend && candidate.isUsable() && isBest(candidate);
            String rank = chosen ? "highest priority" : candidate.isUsable() ? "lower priority" : "not usable";
            reports.add(new ProviderReport(candidate.kind().label(), candidate.id(), candidate.version(), candidate.location(),
                    candidate.priority(), candidate.isUsable(), candidate.reason(), candidate.remedy(), chosen, candidate.hardware(),
                    candidate.description() == null ? rank : candidate.description()));
        }
        return reports;
    }

    private boolean isBest(Candidate candidate) {
        try {
            return best(candidate.kind()).equals(candidate);
        } catch (WinnowException e) {
            return false; // a tie: none is chosen until the user names one
        }
    }
}
