package dev.winnow.launcher.options;

import dev.winnow.spi.KvType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the storage format of keys and values as llama.cpp writes it, in small letters. */
final class KvTypeConverter implements ITypeConverter<KvType> {
    @Override
    public KvType convert(String text) {
        return Arrays.stream(KvType.values()).filter(type -> type.name().equalsIgnoreCase(text)).findFirst().orElseThrow(
                () -> new TypeConversionException("'" + text + "' is not a format for keys and values; known are " + Arrays
                        .stream(KvType.values()).map(type -> type.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "))));
    }
}
