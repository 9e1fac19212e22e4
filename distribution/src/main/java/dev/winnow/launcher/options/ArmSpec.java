package dev.winnow.launcher.options;

import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.profile.ModelProfile;
import dev.winnow.core.profile.SparseProfile;
import dev.winnow.spi.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * What a user writes after {@code --sparse}: {@code [NAME=]off}, {@code [NAME=]auto}, {@code [NAME=]FILE.json}, a profile, or
 * {@code [NAME=]ID[:NAME=VALUE,...][+ID...]}, mask refiners with settings that act together. Several stand in one value, separated by commas, where a command takes several.
 *
 * @param name     what reports call it; null if the user gave none, but {@code auto} is a name by itself
 * @param text     what is behind the name
 * @param refiners those that are asked for, none for {@code off} and {@code auto}
 * @param profile  where they come from; null if the user names them
 */
record ArmSpec(@Nullable String name, String text, List<RefinerSetting> refiners, @Nullable SparseProfile profile) {

    static final String OFF = "off";
    static final String AUTO = "auto";

    private static final int LONGEST_NAME = 32; // has to fit into tables and pictures
    /** What every help text about sparse attention says; numbers of docs/RESULTS.md. */
    static final String COST = "Leaving out keys costs accuracy: on SmolLM2-135M at 8192 tokens, perplexity rises by 0.5 %% "
            + "(sparsek:prefill=blocks,block=4,tau=0.99) to 92 %% (swa:window=1024); docs/sparse-attention.md has the numbers of each selection.";

    private static final String PROFILE_ENDING = ".json";
    /** A name is followed by a refiner, whose id begins with a letter, or a profile: {@code top-k=8} is a setting. */
    private static final Pattern NAMED = Pattern.compile("\\s*([^=:+]*)=\\s*([A-Za-z].*|.*\\.json)", Pattern.DOTALL);
    /** Behind a comma, {@code prefill=blocks} is a setting too, and only the colon behind a refiner's id tells, or the ending of a profile. */
    private static final Pattern NAMED_AFTER_COMMA = Pattern.compile("\\s*([^=:+]*)=\\s*([A-Za-z][A-Za-z0-9._-]*:.*|.*\\.json)",
            Pattern.DOTALL);
    /** The folders of a profile, behind its name if it has one: other values have slashes too, and keep them. */
    private static final Pattern PROFILE_FOLDERS = Pattern
            .compile("((?:^|,)\\s*(?:[A-Za-z0-9._-]+=)?)[^,]*[/\\\\](?=[^,/\\\\]*\\.json(?:,|$))");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    /**
     * Reads values that may hold several each.
     *
     * @throws WinnowException if one has no meaning
     */
    static List<ArmSpec> parse(List<String> values) {
        List<ArmSpec> specs = new ArrayList<>();
        for (String value : values) {
            specs.addAll(parse(value));
        }
        return specs;
    }

    /**
     * Reads a value that may only hold one.
     *
     * @throws WinnowException if it has no meaning
     */
    static ArmSpec parseOne(String value) {
        List<ArmSpec> specs = parse(value);
        if (specs.size() > 1) {
            throw usage("--sparse " + value + " names " + specs.size() + " ways of sparse attention, but only one can run: '"
                    + specs.get(0).text + "' or '" + specs.get(1).text + "' (refiners that act together are joined by +).");
        }
        return specs.getFirst();
    }

    private static List<ArmSpec> parse(String value) {
        List<@Nullable String> names = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (String part : value.split(",", -1)) {
            boolean first = texts.isEmpty();
            Matcher named = (first ? NAMED : NAMED_AFTER_COMMA).matcher(part);
            if (named.matches()) {
                names.add(checkedName(value, named.group(1).strip()));
                texts.add(named.group(2).strip());
            } else if (!isSetting(part)) {
                names.add(null);
                texts.add(part.strip());
            } else if (first) {
                throw usage("--sparse " + value + ": no mask refiner stands before the setting '" + part.strip()
                        + "'; write ID:NAME=VALUE,NAME=VALUE.");
            } else {
                texts.add(texts.removeLast() + "," + part.strip());
            }
        }
        List<ArmSpec> specs = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            if (text.isEmpty()) {
                throw usage("--sparse has an empty value: give off, auto, a profile or the id of a mask refiner between commas.");
            }
            boolean auto = text.equals(AUTO);
            String name = names.get(i);
            if (text.endsWith(PROFILE_ENDING)) {
                SparseProfile profile = SparseProfile.read(Path.of(text));
                Settings settings = Settings.parse(profile.refiner(), profile.settings());
                specs.add(new ArmSpec(name, text, List.of(new RefinerSetting(profile.refiner(), settings)), profile));
            } else {
                specs.add(
                        new ArmSpec(name == null && auto ? AUTO : name, text, auto || text.equals(OFF) ? List.of() : refiners(text), null));
            }
        }
        return specs;
    }

    /**
     * Checks that a profile was made for a model.
     *
     * @throws WinnowException if it was made for another one
     */
    void requireMadeFor(Path model) {
        if (profile != null) {
            ModelProfile.requireMadeFor(model, profile, Path.of(text));
        }
    }

    /** Returns a value of {@code --sparse} without the folders of its profiles. */
    static String withoutFolders(String value) {
        return PROFILE_FOLDERS.matcher(value).replaceAll("$1");
    }

    private static boolean isSetting(String part) {
        int equals = part.indexOf('=');
        int colon = part.indexOf(':');
        return equals >= 0 && (colon < 0 || colon > equals);
    }

    private static String checkedName(String value, String name) {
        if (!NAME.matcher(name).matches() || name.length() > LONGEST_NAME) {
            throw usage("--sparse " + value + ": '" + name + "' is no name for an arm; a name has up to " + LONGEST_NAME
                    + " letters, digits, '.', '_' and '-'.");
        }
        if (name.equals(EvalArm.DENSE)) {
            throw usage("--sparse " + value + ": the name '" + name + "' belongs to dense attention; give another one.");
        }
        return name;
    }

    private static List<RefinerSetting> refiners(String text) {
        Map<String, RefinerSetting> settings = new LinkedHashMap<>();
        for (String part : text.split("\\+", -1)) {
            try {
                RefinerSetting setting = new RefinerSetting.Converter().convert(part);
                if (settings.put(setting.id(), setting) != null) {
                    throw usage("--sparse " + text + ": the mask refiner '" + setting.id()
                            + "' is asked for twice: give all its settings at once.");
                }
            } catch (TypeConversionException e) {
                throw new WinnowException(WinnowException.Kind.USAGE, "--sparse " + text + ": " + e.getMessage() + ".", e);
            }
        }
        return List.copyOf(settings.values());
    }

    boolean isOff() {
        return text.equals(OFF);
    }

    /** Returns the options of a session with this sparse attention. */
    SessionOptions applyTo(SessionOptions options) {
        SessionOptions result = isOff() ? options.dense() : options;
        for (RefinerSetting setting : refiners) {
            result = result.withRefiner(setting.id(), setting.settings());
        }
        return result;
    }

    private static WinnowException usage(String message) {
        return new WinnowException(WinnowException.Kind.USAGE, message);
    }
}
