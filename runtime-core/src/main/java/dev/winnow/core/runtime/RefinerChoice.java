package dev.winnow.core.runtime;

import dev.winnow.api.RefinerReport;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.attention.ActiveRefiner;
import dev.winnow.core.plugin.Candidate;
import dev.winnow.core.plugin.PluginRegistry;
import dev.winnow.core.profile.ModelProfile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.RefinerContext;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides which refiners run in a session: those that the model needs, then those that its metadata or the user ask for. */
final class RefinerChoice {

    private static final System.Logger LOGGER = System.getLogger(RefinerChoice.class.getName());

    /**
     * A refiner that will run.
     *
     * @param id       name of the provider
     * @param location where it came from
     * @param decision its answer
     * @param warmsUp  whether it may also be created for a warm-up
     * @param factory  creates the refiner of a session
     */
    record Chosen(String id, String location, RefinerDecision.Applies decision, boolean warmsUp,
            Function<RefinerContext, MaskRefiner> factory) {

        static Chosen of(Candidate candidate, RefinerDecision.Applies decision) {
            return new Chosen(candidate.id(), candidate.location(), decision,
                    candidate.call(provider -> ((MaskRefinerProvider) provider).warmsUp()),
                    context -> candidate.call(provider -> decision.factory().create(context)));
        }

        /** Creates the refiners of a session: all, or none if one of them fails. */
        static List<ActiveRefiner> create(List<Chosen> chosen, RefinerContext context) {
            List<ActiveRefiner> refiners = new ArrayList<>();
            try {
                for (Chosen each : chosen) {
                    refiners.add(each.create(context));
                }
            } catch (RuntimeException | Error e) {
                refiners.forEach(ActiveRefiner::close);
                throw e;
            }
            return refiners;
        }

        private ActiveRefiner create(RefinerContext context) {
            return new ActiveRefiner(report(), location, decision.phase(), factory.apply(context));
        }

        RefinerReport report() {
            return new RefinerReport(id, decision.required(), decision.parameters());
        }
    }

    private final PluginRegistry plugins;
    private final CoreModel model;
    private @Nullable Map<String, Settings> profile; // what the model's profile asks for; looked for when the first session leaves the choice to it

    RefinerChoice(PluginRegistry plugins, CoreModel model) {
        this.plugins = plugins;
        this.model = model;
    }

    List<Chosen> choose(SessionOptions options) {
        List<Chosen> chosen = new ArrayList<>();
        for (String id : options.refiners().keySet()) {
            plugins.refiner(id); // an unknown or unusable name is an error
        }
        Map<String, Settings> wanted = options.refiners();
        if (options.metadataRefiners() && wanted.isEmpty()) {
            wanted = profile();
        }
        for (Map.Entry<String, Candidate> entry : plugins.refiners().entrySet()) {
            String id = entry.getKey();
            boolean asked = wanted.containsKey(id);
            Settings settings = wanted.getOrDefault(id, Settings.none());
            RefinerDecision decision = decide(entry.getValue(), settings, asked);
            switch (decision) {
                case RefinerDecision.Applies applies -> {
                    if (applies.required() && !settings.isEmpty()) {
                        addBoth(entry.getValue(), applies, chosen);
                    } else if (applies.required() || asked || options.metadataRefiners()) {
                        chosen.add(Chosen.of(entry.getValue(), applies));
                    }
                }
                case RefinerDecision.DoesNotApply(List<String> reasons) -> {
                    if (asked) {
                        throw new WinnowException(WinnowException.Kind.USAGE,
                                "The mask refiner '" + id + "' does not apply to this model: " + String.join("; ", reasons) + ".");
                    }
                }
            }
        }
        requireWindow(chosen);
        List<String> order = new ArrayList<>(options.refiners().keySet());
        chosen.sort(Comparator.comparing((Chosen c) -> c.decision().phase()).thenComparing(c -> !c.decision().required())
                .thenComparingInt(c -> order.indexOf(c.id())));
        return chosen;
    }

    /**
     * Where a user gives settings to a refiner that the model needs, a shorter window for example, two of it run: the model's own, and after it the user's, which
     * is a choice as any other. Otherwise what the settings remove would pass for what the model does not look at.
     */
    private void addBoth(Candidate candidate, RefinerDecision.Applies asked, List<Chosen> chosen) {
        if (decide(candidate, Settings.none(), false) instanceof RefinerDecision.Applies own && own.required()) {
            chosen.add(Chosen.of(candidate, own));
            if (own.parameters().equals(asked.parameters())) {
                return;
            }
        }
        chosen.add(Chosen.of(candidate, new RefinerDecision.Applies(asked.phase(), false, asked.parameters(), asked.factory())));
    }

    /** What the model's profile asks for, if it has shown what it costs and its refiner is there. Warns once of one that is not used. */
    private synchronized Map<String, Settings> profile() {
        if (profile == null) {
            ModelProfile found = model.findProfile();
            found.remarks().forEach(remark -> LOGGER.log(System.Logger.Level.WARNING, remark));
            profile = found.profile().filter(proven -> isThere(proven.refiner()))
                    .map(proven -> Map.of(proven.refiner(), Settings.parse(proven.refiner(), proven.settings()))).orElse(Map.of());
        }
        return profile;
    }

    private boolean isThere(String refiner) {
        boolean there = plugins.refiners().containsKey(refiner);
        if (!there) {
            LOGGER.log(System.Logger.Level.WARNING, "The model's sparse profile is not used, because the mask refiner '" + refiner
                    + "' is not on the class path or in plugins/; attention is dense.");
        }
        return there;
    }

    /** Returns the answer to a user who names a refiner. */
    RefinerDecision decide(String id, Settings settings) {
        plugins.refiner(id); // an unknown or unusable name is an error
        return decide(Objects.requireNonNull(plugins.refiners().get(id)), settings, true);
    }

    private RefinerDecision decide(Candidate candidate, Settings settings, boolean asked) {
        RefinerRequest request = new RefinerRequest(model.metadata(), model.layers(), settings, asked);
        return candidate.call(provider -> {
            try {
                return ((MaskRefinerProvider) provider).decide(request);
            } catch (IllegalArgumentException e) {
                throw new WinnowException(WinnowException.Kind.USAGE, e.getMessage() + ".", e);
            }
        });
    }

    /** A model with a sliding window gives wrong results without it, so a missing plug-in is an error, not a silent difference. */
    private void requireWindow(List<Chosen> chosen) {
        int window = model.layers().stream().map(LayerSpec::attention).mapToInt(LayerSpec.Attention::window).max().orElse(0);
        if (window > 0 && chosen.stream().noneMatch(c -> c.decision().required())) {
            throw new WinnowException(WinnowException.Kind.PLUGIN, "The model needs a sliding window of " + window
                    + " keys, and no plug-in provides it: put plugin-swa (the mask refiner 'swa') on the class path or into plugins/.");
        }
    }
}
