package dev.winnow.core.runtime;

import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.Settings;

/** A model that can be asked what a mask refiner would do with it, and that runs refiners which are not plug-ins. For tools that examine refiners. */
public interface RefinedModel extends Model {

    /**
     * Returns a provider's answer as if the user had asked for the refiner.
     *
     * @param id       name of the provider
     * @param settings the user's settings
     * @throws dev.winnow.api.WinnowException for an unknown name or invalid settings
     */
    RefinerDecision decide(String id, Settings settings);

    /**
     * Returns a new session in which one more refiner runs, after those of the options.
     *
     * @param id       name of the refiner, for messages
     * @param decision creates the refiner
     */
    Session newSession(SessionOptions options, String id, RefinerDecision.Applies decision);
}
