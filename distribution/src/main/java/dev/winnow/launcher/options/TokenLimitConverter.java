package dev.winnow.launcher.options;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads how many tokens are generated: 0 or more, or −1 for until the model ends or the context is full, for which llama.cpp has −2 too. */
public final class TokenLimitConverter implements ITypeConverter<Integer> {

    private static final int NONE = -1;
    private static final int UNTIL_FULL = -2;

    /** Creates the converter. */
    public TokenLimitConverter() {}

    @Override
    public Integer convert(String text) {
        try {
            int limit = Integer.parseInt(text);
            if (limit < UNTIL_FULL) {
                throw new TypeConversionException("'" + text + "' is less than -1, which stands for no limit");
            }
            return Math.max(NONE, limit);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is not a whole number");
        }
    }
}
