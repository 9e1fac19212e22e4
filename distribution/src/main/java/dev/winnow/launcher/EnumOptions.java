package dev.winnow.launcher;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** Options whose values are those of an enum: errors and the completion of shells write them as help and documentation do, in lower case. Read is either case. */
final class EnumOptions {

    private EnumOptions() {}

    /** Changes the options of a command. */
    static void inLowerCase(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        List<OptionSpec> options = List.copyOf(spec.options());
        if (options.stream().anyMatch(EnumOptions::isEnum)) {
            options.forEach(spec::remove); // all of them, because help lists them in the order in which they came
            options.forEach(option -> spec.addOption(isEnum(option) ? inLowerCase(option) : option));
        }
    }

    private static boolean isEnum(OptionSpec option) {
        return option.auxiliaryTypes()[0].isEnum();
    }

    private static OptionSpec inLowerCase(OptionSpec option) {
        Class<?> type = option.auxiliaryTypes()[0];
        OptionSpec.Builder builder = OptionSpec.builder(option).completionCandidates(labels(type));
        return (option.converters().length == 0 ? builder.converters(converter(type)) : builder).build();
    }

    private static List<String> labels(Class<?> type) {
        return constants(type).map(EnumOptions::label).toList();
    }

    private static Stream<?> constants(Class<?> type) {
        return Arrays.stream(Objects.requireNonNull(type.getEnumConstants()));
    }

    private static String label(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
    }

    private static ITypeConverter<?> converter(Class<?> type) {
        return text -> constants(type).filter(constant -> label(constant).equalsIgnoreCase(text)).findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of " + String.join(", ", labels(type))));
    }
}
