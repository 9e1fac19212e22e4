package dev.winnow.launcher.options;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads whole numbers of 0 or more that are separated by commas. */
public final class IntegersConverter implements ITypeConverter<List<Integer>> {

    /** Creates the converter. */
    public IntegersConverter() {}

    @Override
    public List<Integer> convert(String text) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            try {
                int number = Integer.parseInt(part.strip());
                if (number < 0) {
                    throw new TypeConversionException("'" + part + "' is less than 0");
                }
                numbers.add(number);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + part + "' is not a whole number; write numbers separated by commas");
            }
        }
        return numbers;
    }
}
