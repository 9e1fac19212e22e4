package dev.winnow.sparsek;

import dev.winnow.spi.LayerSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A tau for each query head of each layer: the same for all, or written as {@code 0/0.9/0.98/1:0123.3310}, which is levels, and for each layer one digit for each
 * head, the number of its level. A layer without digits has the level 1 in all heads, which keeps everything.
 */
final class HeadTau {

    private static final String NAME = "head-tau";
    private static final String SAME = "tau";

    private final String name;
    private final double[][] values; // [layer][head]
    private final String text;

    private HeadTau(String name, double[][] values, String text) {
        this.name = name;
        this.values = values;
        this.text = text;
    }

    /** Reads the setting for single heads, or else the one for all. */
    static HeadTau read(ParameterReader reader) {
        Optional<String> ofHeads = reader.text(NAME);
        return ofHeads.isPresent() ? parse(ofHeads.get(), reader.layers()) : same(reader.part(SAME, 0.95), reader.layers());
    }

    private static HeadTau same(double tau, List<LayerSpec> layers) {
        double[][] values = new double[layers.size()][];
        for (LayerSpec layer : layers) {
            values[layer.index()] = new double[layer.attention().headCount()];
            Arrays.fill(values[layer.index()], tau);
        }
        return new HeadTau(SAME, values, Double.toString(tau));
    }

    /**
     * Reads the text.
     *
     * @throws IllegalArgumentException if it is malformed or does not fit the layers
     */
    static HeadTau parse(String text, List<LayerSpec> layers) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw wrong(text, "it has no ':' between levels and heads");
        }
        double[] levels = levels(text, text.substring(0, colon));
        String[] ofLayers = text.substring(colon + 1).split("\\.", -1);
        if (ofLayers.length != layers.size()) {
            throw wrong(text, "it describes " + ofLayers.length + " layers, but the model has " + layers.size());
        }
        double[][] values = new double[layers.size()][];
        for (LayerSpec layer : layers) {
            int heads = layer.attention().headCount();
            String digits = ofLayers[layer.index()];
            values[layer.index()] = new double[heads];
            if (digits.isEmpty()) {
                Arrays.fill(values[layer.index()], 1);
                continue;
            }
            if (digits.length() != heads) {
                throw wrong(text, "layer " + layer.index() + " has " + heads + " heads, but " + digits.length() + " digits");
            }
            for (int head = 0; head < heads; head++) {
                int level = digits.charAt(head) - '0';
                if (level < 0 || level >= levels.length) {
                    throw wrong(text, "'" + digits.charAt(head) + "' is not the number of one of its " + levels.length + " levels");
                }
                values[layer.index()][head] = levels[level];
            }
        }
        return new HeadTau(NAME, values, text);
    }

    private static double[] levels(String text, String list) {
        String[] parts = list.split("/", -1);
        double[] levels = new double[parts.length];
        for (int i = 0; i < parts.length; i++) {
            try {
                levels[i] = Double.parseDouble(parts[i]);
            } catch (NumberFormatException e) {
                throw wrong(text, "'" + parts[i] + "' is not a number from 0 to 1");
            }
            if (!(levels[i] >= 0 && levels[i] <= 1) || parts.length > 10) {
                throw wrong(text, "it takes up to 10 levels, numbers from 0 to 1");
            }
        }
        return levels;
    }

    private static IllegalArgumentException wrong(String text, String reason) {
        String shown = text.length() <= 60 ? text : text.substring(0, 60) + "…";
        return new IllegalArgumentException(
                ParameterReader.ID + ": '" + shown + "' is not a value for '" + NAME + "' (LEVEL/LEVEL:DIGITS.DIGITS): " + reason);
    }

    /** Returns the part of the estimated mass that a head keeps. */
    double of(LayerSpec layer, int head) {
        return values[layer.index()][head];
    }

    /** Returns whether a head of the layer can lose keys. */
    boolean removes(LayerSpec layer) {
        for (double tau : values[layer.index()]) {
            if (tau < 1) {
                return true;
            }
        }
        return false;
    }

    /** Returns the name of the setting. */
    String name() {
        return name;
    }

    /** Returns the value of the setting. */
    @Override
    public String toString() {
        return text;
    }
}
