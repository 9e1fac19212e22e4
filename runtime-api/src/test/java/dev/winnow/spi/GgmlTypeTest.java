package dev.winnow.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Compares every decoder with values that llama.cpp decoded from the same bytes, bit for bit. */
class GgmlTypeTest {

    private static final Path FOLDER = Path.of(System.getProperty("winnow.fixtures", "fixtures"), "quants");
    private static final Pattern TENSOR = Pattern.compile("\"name\": \"([^\"]+)\".*?\"dequant_offset_f32\": (\\d+)", Pattern.DOTALL);
    private static final int ARRAY = 9;
    private static final int STRING = 8;
    private static final int[] VALUE_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8}; // by GGUF value type

    private record Tensor(GgmlType type, int elements, int offset) {}

    @Test
    void everyTypeDecodesToTheBitsOfLlamaCpp() throws IOException {
        assumeTrue(Files.exists(FOLDER.resolve("quants.gguf")), () -> "no fixtures in " + FOLDER);
        ByteBuffer gguf = read("quants.gguf");
        ByteBuffer expected = read("quants.bin");
        Map<String, Tensor> tensors = tensors(gguf);
        Set<GgmlType> seen = EnumSet.noneOf(GgmlType.class);
        Matcher matcher = TENSOR.matcher(Files.readString(FOLDER.resolve("quants.json")));
        while (matcher.find()) {
            Tensor tensor = Objects.requireNonNull(tensors.get(matcher.group(1)), matcher.group(1));
            float[] values = new float[tensor.elements() + 3];
            Arrays.fill(values, Float.NaN);
            tensor.type().dequantize(MemorySegment.ofBuffer(gguf.rewind()), tensor.offset(), tensor.elements(), values, 2);
            int start = Integer.parseInt(matcher.group(2));
            for (int i = 0; i < tensor.elements(); i++) {
                int element = i;
                assertEquals(expected.getInt(4 * (start + i)), Float.floatToRawIntBits(values[2 + i]),
                        () -> matcher.group(1) + ", element " + element);
            }
            assertTrue(Float.isNaN(values[1]) && Float.isNaN(values[2 + tensor.elements()]), "neighbours of the target are untouched");
            seen.add(tensor.type());
        }
        assertEquals(EnumSet.allOf(GgmlType.class), seen, "types with a fixture");
    }

    @Test
    void refusesPartsOfBlocksAndShortSources() {
        MemorySegment block = MemorySegment.ofArray(new byte[GgmlType.Q4_K.blockBytes()]);
        assertThrows(IllegalArgumentException.class, () -> GgmlType.Q4_K.dequantize(block, 0, 255, new float[256], 0));
        assertThrows(IndexOutOfBoundsException.class, () -> GgmlType.Q4_K.dequantize(block, 0, 512, new float[512], 0));
        assertThrows(IndexOutOfBoundsException.class, () -> GgmlType.Q4_K.dequantize(block, 0, 256, new float[256], 1));
    }

    private static ByteBuffer read(String name) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(FOLDER.resolve(name))).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads the tensor descriptions of a well-formed GGUF file; offsets become absolute. */
    private static Map<String, Tensor> tensors(ByteBuffer file) {
        file.position(8);
        int tensorCount = (int) file.getLong();
        int keyCount = (int) file.getLong();
        int alignment = 32;
        for (int i = 0; i < keyCount; i++) {
            String key = string(file);
            int type = file.getInt();
            if (key.equals("general.alignment")) {
                alignment = file.getInt(file.position());
            }
            skipValue(file, type);
        }
        Map<String, Tensor> tensors = new HashMap<>();
        for (int i = 0; i < tensorCount; i++) {
            String name = string(file);
            int elements = 1;
            for (int dimensions = file.getInt(); dimensions > 0; dimensions--) {
                elements *= (int) file.getLong();
            }
            int id = file.getInt();
            GgmlType type = Arrays.stream(GgmlType.values()).filter(t -> t.id() == id).findFirst().orElseThrow();
            tensors.put(name, new Tensor(type, elements, (int) file.getLong()));
        }
        int data = (file.position() + alignment - 1) / alignment * alignment;
        tensors.replaceAll((name, tensor) -> new Tensor(tensor.type(), tensor.elements(), data + tensor.offset()));
        return tensors;
    }

    private static String string(ByteBuffer file) {
        byte[] bytes = new byte[(int) file.getLong()];
        file.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void skipValue(ByteBuffer file, int type) {
        if (type == STRING) {
            string(file);
        } else if (type == ARRAY) {
            int elementType = file.getInt();
            for (long count = file.getLong(); count > 0; count--) {
                skipValue(file, elementType);
            }
        } else {
            file.position(file.position() + VALUE_BYTES[type]);
        }
    }
}
