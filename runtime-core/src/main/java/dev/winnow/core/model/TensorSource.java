package dev.winnow.core.model;

import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufTensor;
import dev.winnow.spi.GgmlType;
import dev.winnow.spi.WeightMatrix;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes tensors out of a file by name, checks their shapes, and knows at the end which were not taken. */
final class TensorSource {

    private final GgufFile file;
    private final Set<String> taken = new HashSet<>();

    TensorSource(GgufFile file) {
        this.file = file;
    }

    boolean has(String name) {
        return file.find(name).isPresent();
    }

    /** Returns a matrix of {@code rows} × {@code columns}. */
    WeightMatrix matrix(String name, int rows, int columns) {
        GgufTensor tensor = take(name, List.of((long) columns, (long) rows));
        return new WeightMatrix(name, type(tensor), rows, columns, tensor.data());
    }

    /** Returns a matrix with any number of rows. */
    WeightMatrix matrixOfColumns(String name, int columns) {
        GgufTensor tensor = file.find(name).orElseThrow(() -> missing(name));
        long rows = tensor.shape().size() < 2 ? 1 : tensor.shape().get(1);
        if (rows > Integer.MAX_VALUE) {
            throw Hyperparameters.invalid("The tensor " + name + " has " + rows + " rows, which is too many.");
        }
        return matrix(name, (int) rows, columns);
    }

    /** Returns the matrices of all experts, which stand one after the other in one tensor. */
    WeightMatrix[] experts(String name, int experts, int rows, int columns) {
        GgufTensor tensor = take(name, List.of((long) columns, (long) rows, (long) experts));
        long bytes = type(tensor).byteSize((long) rows * columns);
        WeightMatrix[] matrices = new WeightMatrix[experts];
        for (int i = 0; i < experts; i++) {
            matrices[i] = new WeightMatrix(name + "[" + i + "]", type(tensor), rows, columns, tensor.data().asSlice(i * bytes, bytes));
        }
        return matrices;
    }

    /** Returns the biases of all experts; nulls if the file has none of this name. */
    LayerWeights.@Nullable Vector[] optionalExpertBiases(String name, int experts, int length) {
        LayerWeights.@Nullable Vector[] biases = new LayerWeights.Vector[experts];
        if (has(name)) {
            float[] all = decode(take(name, List.of((long) length, (long) experts)));
            for (int i = 0; i < experts; i++) {
                biases[i] = new LayerWeights.Vector(Arrays.copyOfRange(all, i * length, (i + 1) * length));
            }
        }
        return biases;
    }

    /** Returns a vector of {@code length} numbers, or null if the file has none of this name. */
    LayerWeights.@Nullable Vector optionalVector(String name, int length) {
        return has(name) ? vector(name, length) : null;
    }

    LayerWeights.Vector vector(String name, int length) {
        return new LayerWeights.Vector(decode(take(name, List.of((long) length))));
    }

    /** Returns the numbers of a vector of any length; empty if the file has none of this name. */
    Optional<float[]> numbers(String name) {
        return file.find(name).map(tensor -> decode(take(name, List.of(tensor.elements()))));
    }

    /** Fails if the file holds tensors that were not taken: the model is then not the one that it says it is. */
    void requireAllTaken() {
        for (GgufTensor tensor : file.tensors()) {
            if (!taken.contains(tensor.name())) {
                throw Hyperparameters
                        .invalid("The tensor " + tensor.name() + " is not part of the architecture " + file.metadata().architecture()
                                + ": the file is of another model, or damaged.");
            }
        }
    }

    private GgufTensor take(String name, List<Long> shape) {
        GgufTensor tensor = file.find(name).orElseThrow(() -> missing(name));
        if (!withoutTrailingOnes(tensor.shape()).equals(withoutTrailingOnes(shape))) {
            throw Hyperparameters
                    .invalid("The tensor " + name + " has the shape " + tensor.shape() + ", but the metadata asks for " + shape + ".");
        }
        taken.add(name);
        return tensor;
    }

    private static List<Long> withoutTrailingOnes(List<Long> shape) {
        int size = shape.size();
        while (size > 1 && shape.get(size - 1) == 1) {
            size--;
        }
        return shape.subList(0, size);
    }

    private WinnowException missing(String name) {
        return Hyperparameters.invalid("The tensor " + name + " is missing from " + file.path().getFileName() + ".");
    }

    private static float[] decode(GgufTensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.elements())];
        type(tensor).dequantize(tensor.data(), 0, values.length, values, 0);
        return values;
    }

    private static GgmlType type(GgufTensor tensor) {
        return tensor.type().orElseThrow(() -> new WinnowException(WinnowException.Kind.UNSUPPORTED,
                "The tensor " + tensor.name() + " has the type " + tensor.typeName() + ", which Winnow cannot compute with."));
    }
}
