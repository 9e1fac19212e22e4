package dev.winnow.launcher.options;

import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.EvalArm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * The arms of a measurement: dense attention first, then one for each way of sparse attention that the user names. Values of {@code --sparse} are separated by
 * commas, and so are the settings of a refiner: {@code off,auto,sparsek:top-k=512,window=256} are three.
 */
public final class ArmsMixin {

    private static final String OFF = "off";
    private static final String AUTO = "auto";

    @Option(names = "--sparse", paramLabel = "ARM,...", description = {
            "Sparse attention to measure beside dense attention: off (none), auto (as the model's metadata says), or ID[:NAME=VALUE,...], a mask refiner with settings; several that act together are joined by +. Repeatable. Default: auto if the metadata asks for a refiner."})
    private List<String> values = new ArrayList<>();

    /** Creates arms that are filled in from the command line. */
    public ArmsMixin() {}

    /**
     * Returns the arms, each with a name that is unique among them: {@code dense}, {@code auto}, or the text that describes a refiner.
     *
     * @param model   is asked for a session of each arm, so that a wrong setting is found before anything is measured
     * @param options of the sessions, but for refiners
     * @throws WinnowException if a value has no meaning, if a refiner is unknown or does not apply to the model, or if {@code auto} is asked for and the
     *                         metadata names no refiner
     */
    public List<EvalArm> arms(Model model, SessionOptions options) {
        List<EvalArm> arms = new ArrayList<>();
        arms.add(EvalArm.dense(options));
        if (values.isEmpty()) {
            if (isSparse(model, options)) {
                arms.add(new EvalArm(AUTO, options));
            }
            return arms;
        }
        for (String name : names()) {
            SessionOptions sparse = switch (name) {
                case OFF -> options.dense();
                case AUTO -> options;
                default -> withRefiners(options, name);
            };
            if (!name.equals(OFF)) {
                if (!isSparse(model, sparse)) {
                    throw usage("refiner inactive: --sparse " + name + " has no mask refiner with the model " + model.info().file()
                            + ", so this would measure dense attention; name a refiner (see 'winnow plugins').");
                }
                arms.add(new EvalArm(name, sparse));
            }
        }
        return arms;
    }

    private static boolean isSparse(Model model, SessionOptions options) {
        try (Session session = model.newSession(options)) {
            return session.refiners().stream().anyMatch(refiner -> !refiner.required());
        }
    }

    /** Cuts the values at commas, but for those in front of a setting. */
    private Set<String> names() {
        List<String> names = new ArrayList<>();
        for (String value : values) {
            boolean first = true;
            for (String part : value.split(",", -1)) {
                if (isSetting(part)) {
                    if (first) {
                        throw usage("--sparse " + value + ": no mask refiner stands before the setting '" + part
                                + "'; write ID:NAME=VALUE,NAME=VALUE.");
                    }
                    names.add(names.removeLast() + "," + part.strip());
                } else {
                    names.add(part.strip());
                }
                first = false;
            }
        }
        Set<String> distinct = new LinkedHashSet<>();
        for (String name : names) {
            if (name.isEmpty()) {
                throw usage("--sparse has an empty value: give off, auto or the id of a mask refiner between commas.");
            }
            if (!distinct.add(name)) {
                throw usage("--sparse names '" + name + "' twice: leave out one of them.");
            }
        }
        return distinct;
    }

    private static boolean isSetting(String part) {
        int equals = part.indexOf('=');
        int colon = part.indexOf(':');
        return equals >= 0 && (colon < 0 || colon > equals);
    }

    private static SessionOptions withRefiners(SessionOptions options, String name) {
        Map<String, RefinerSetting> settings = new LinkedHashMap<>();
        for (String part : name.split("\\+", -1)) {
            try {
                RefinerSetting setting = new RefinerSetting.Converter().convert(part);
                if (settings.put(setting.id(), setting) != null) {
                    throw usage("--sparse " + name + ": the mask refiner '" + setting.id()
                            + "' is asked for twice: give all its settings at once.");
                }
            } catch (TypeConversionException e) {
                throw new WinnowException(WinnowException.Kind.USAGE, "--sparse " + name + ": " + e.getMessage() + ".", e);
            }
        }
        SessionOptions result = options;
        for (RefinerSetting setting : settings.values()) {
            result = result.withRefiner(setting.id(), setting.settings());
        }
        return result;
    }

    private static WinnowException usage(String message) {
        return new WinnowException(WinnowException.Kind.USAGE, message);
    }
}
