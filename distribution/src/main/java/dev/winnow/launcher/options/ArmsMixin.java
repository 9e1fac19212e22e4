package dev.winnow.launcher.options;

import dev.winnow.api.Model;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.EvalArm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** The arms of a measurement: dense attention first, then one for each way of sparse attention that the user names. */
public final class ArmsMixin {

    @Option(names = "--sparse", paramLabel = "[NAME=]ARM,...", description = {
            "Sparse attention to measure beside dense attention: off (none), auto (as the model's profile or metadata says), FILE.json (as a profile of 'winnow calibrate' says), or ID[:NAME=VALUE,...], a mask refiner with settings; several that act together are joined by +. Reports call it NAME, or after what its refiner does. Repeatable. Default: auto if profile or metadata ask for a refiner. "
                    + ArmSpec.COST})
    private List<String> values = new ArrayList<>();

    /** Creates arms that are filled in from the command line. */
    public ArmsMixin() {}

    /**
     * Returns the arms, each with a name that is unique among them: {@code dense}, the user's, {@code auto}, or one that says what the refiner does.
     *
     * @param model   is asked for a session of each arm, so that a wrong setting is found before anything is measured
     * @param options of the sessions, but for refiners
     * @throws WinnowException if a value has no meaning, if a refiner is unknown or does not apply to the model, if a profile was made for another one, or if
     *                         {@code auto} is asked for and neither profile nor metadata name a refiner
     */
    public List<EvalArm> arms(Model model, SessionOptions options) {
        List<EvalArm> arms = new ArrayList<>();
        arms.add(EvalArm.dense(options));
        if (values.isEmpty()) {
            if (!chosen(model, options).isEmpty()) {
                arms.add(new EvalArm(ArmSpec.AUTO, options));
            }
            return arms;
        }
        List<ArmSpec> specs = ArmSpec.parse(values).stream().filter(spec -> !spec.isOff()).toList();
        Set<String> taken = checkDifferent(specs);
        List<List<RefinerReport>> unnamed = new ArrayList<>();
        for (ArmSpec spec : specs) {
            spec.requireMadeFor(model.info().file());
            List<RefinerReport> refiners = chosen(model, spec.applyTo(options));
            if (refiners.isEmpty()) {
                throw usage("refiner inactive: --sparse " + spec.text() + " has no mask refiner with the model " + model.info().file()
                        + (spec.text().equals(ArmSpec.AUTO) ? ", because neither a proven profile nor its metadata names one" : "")
                        + ", so this would measure dense attention; name a refiner (see 'winnow plugins'), or make a profile with 'winnow calibrate'.");
            }
            if (spec.name() == null) {
                unnamed.add(refiners);
            }
        }
        Iterator<String> names = ArmNames.of(unnamed, taken).iterator();
        for (ArmSpec spec : specs) {
            String name = spec.name();
            arms.add(new EvalArm(name == null ? names.next() : name, spec.applyTo(options)));
        }
        return arms;
    }

    /** Returns a value of {@code --sparse} without the folders of its profiles. */
    public static String withoutFolders(String value) {
        return ArmSpec.withoutFolders(value);
    }

    /** Returns the names that are given. */
    private static Set<String> checkDifferent(List<ArmSpec> specs) {
        Set<String> taken = new HashSet<>(Set.of(EvalArm.DENSE));
        Set<String> texts = new HashSet<>();
        for (ArmSpec spec : specs) {
            String name = spec.name();
            if (name != null && !taken.add(name)) {
                throw usage("--sparse uses the name '" + name + "' twice: give each arm a name of its own.");
            }
            if (!texts.add(spec.text())) {
                throw usage("--sparse names '" + spec.text() + "' twice: leave out one of them.");
            }
        }
        return taken;
    }

    /** Returns the refiners that the model does not need. */
    private static List<RefinerReport> chosen(Model model, SessionOptions options) {
        try (Session session = model.newSession(options)) {
            return session.refiners().stream().filter(refiner -> !refiner.required()).toList();
        }
    }

    private static WinnowException usage(String message) {
        return new WinnowException(WinnowException.Kind.USAGE, message);
    }
}
