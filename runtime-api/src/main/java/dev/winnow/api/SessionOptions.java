package dev.winnow.api;

import dev.winnow.spi.KvType;
import dev.winnow.spi.Settings;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Options of a session.
 *
 * @param contextLength    largest number of positions; 0 for the model's own
 * @param kvType           storage format of keys and values
 * @param metadataRefiners whether refiners that the model's metadata asks for run; those that the model needs always run
 * @param refiners         refiners that the user asks for, by id, with their settings
 * @param refinerErrors    what a failing refiner leads to
 */
public record SessionOptions(int contextLength, KvType kvType, boolean metadataRefiners, Map<String, Settings> refiners,
        RefinerErrors refinerErrors) {

    /** What a failing refiner leads to. */
    public enum RefinerErrors {
        /** The generation ends with an error. */
        FAIL,
        /** The tile is computed without the failing refiner, and a warning is logged once. */
        DENSE
    }

    /** Copies the map. */
    public SessionOptions {
        refiners = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(refiners));
        if (contextLength < 0) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The context length is " + contextLength + ", but takes 0 (the model's own) or more.");
        }
    }

    /** Returns the defaults: the model's own context length, F16, refiners as the metadata asks. */
    public static SessionOptions defaults() {
        return new SessionOptions(0, KvType.F16, true, Map.of(), RefinerErrors.FAIL);
    }

    /** Returns these options with another context length. */
    public SessionOptions withContextLength(int value) {
        return new SessionOptions(value, kvType, metadataRefiners, refiners, refinerErrors);
    }

    /** Returns these options with another storage format of keys and values. */
    public SessionOptions withKvType(KvType value) {
        return new SessionOptions(contextLength, value, metadataRefiners, refiners, refinerErrors);
    }

    /** Returns these options without the refiners that metadata or user ask for: only those that the model needs run. */
    public SessionOptions dense() {
        return new SessionOptions(contextLength, kvType, false, Map.of(), refinerErrors);
    }

    /** Returns these options with one more refiner. */
    public SessionOptions withRefiner(String id, Settings settings) {
        Map<String, Settings> more = new LinkedHashMap<>(refiners);
        more.put(id, settings);
        return new SessionOptions(contextLength, kvType, metadataRefiners, more, refinerErrors);
    }

    /** Returns these options with another reaction to failing refiners. */
    public SessionOptions withRefinerErrors(RefinerErrors value) {
        return new SessionOptions(contextLength, kvType, metadataRefiners, refiners, value);
    }
}
