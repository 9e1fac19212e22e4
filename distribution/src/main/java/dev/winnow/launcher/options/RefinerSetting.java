package dev.winnow.launcher.options;

import dev.winnow.spi.Settings;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A mask refiner that the user asks for.
 *
 * @param id       name of the refiner
 * @param settings its settings
 */
record RefinerSetting(String id, Settings settings) {

    /** Reads {@code id} or {@code id:name=value,name=value}. */
    static final class Converter implements ITypeConverter<RefinerSetting> {
        @Override
        public RefinerSetting convert(String text) {
            int colon = text.indexOf(':');
            String id = colon < 0 ? text : text.substring(0, colon);
            if (id.isBlank()) {
                throw new TypeConversionException("'" + text + "' has no refiner id: write id or id:name=value,name=value");
            }
            return new RefinerSetting(id.strip(), settings(id.strip(), colon < 0 ? "" : text.substring(colon + 1)));
        }
    }

    /** Reads {@code name=value,name=value} for a refiner whose name is known. */
    static Settings settings(String id, String text) {
        try {
            return Settings.parse(id, text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
