package dev.winnow.integration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Reference data from llama.cpp and real models; tests are skipped where they are absent. */
final class Fixtures {

    private Fixtures() {}

    static Path fixture(String name) {
        Path path = Path.of(System.getProperty("winnow.fixtures", "missing"), name);
        assumeTrue(Files.exists(path), "the reference data are not here: " + name);
        return path;
    }

    static Path model(String name) {
        Path path = Path.of(System.getProperty("winnow.models", "missing"), name);
        assumeTrue(Files.exists(path), "the model is not here, scripts/get-models gets it: " + name);
        return path;
    }

    static JsonNode json(Path path) throws IOException {
        return new ObjectMapper().readTree(Files.readString(path));
    }

    static float[] floats(Path path) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }
}
