package dev.winnow.core.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.GgmlType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {

    private static final Path FIXTURES = Path.of(System.getProperty("winnow.fixtures", "../shared/fixtures"));

    @TempDir
    Path folder;

    private static GgufMetadata everyType() {
        return GgufMetadata.builder()
                .set("general.architecture", GgufValue.string("llama"))
                .set("u8", GgufValue.integer(GgufType.U8, 255))
                .set("i8", GgufValue.integer(GgufType.I8, -128))
                .set("u16", GgufValue.integer(GgufType.U16, 65_535))
                .set("i16", GgufValue.integer(GgufType.I16, -32_768))
                .set("u32", GgufValue.integer(GgufType.U32, 4_294_967_295L))
                .set("i32", GgufValue.integer(GgufType.I32, Integer.MIN_VALUE))
                .set("u64", GgufValue.integer(GgufType.U64, -1))
                .set("i64", GgufValue.integer(GgufType.I64, Long.MIN_VALUE))
                .set("f32", GgufValue.real(1.5f))
                .set("f64", GgufValue.real64(Math.PI))
                .set("bool", GgufValue.bool(true))
                .set("integers", GgufValue.integers(GgufType.I16, 3, -4))
                .set("reals", GgufValue.reals(1, 2))
                .set("bools", GgufValue.bools(true, false))
                .set("strings", GgufValue.strings("a", "", "ü"))
                .set("bytes", GgufValue.stringBytes(new byte[]{(byte) 0xFF, 0x20}))
                .build();
    }

    @Test
    void metadataOfEveryTypeComesBack() {
        Path path = folder.resolve("types.gguf");
        GgufMetadata written = everyType();
        new GgufWriter(written).write(path);
        try (GgufFile file = GgufFile.open(path)) {
            GgufMetadata read = file.metadata();
            assertEquals(List.copyOf(written.keys()), List.copyOf(read.keys()));
            for (String key : written.keys()) {
                assertEquals(written.value(key).orElseThrow().typeName(), read.value(key).orElseThrow().typeName(), key);
                assertEquals(written.value(key).orElseThrow().text(10), read.value(key).orElseThrow().text(10), key);
            }
            assertEquals(4_294_967_295L, read.integer("u32").orElseThrow());
            assertArrayEquals(new long[]{3, -4}, read.integers("integers").orElseThrow());
            assertArrayEquals(new String[]{"a", "", "ü"}, read.strings("strings").orElseThrow());
            assertArrayEquals(new byte[]{(byte) 0xFF, 0x20}, read.stringBytes("bytes").orElseThrow()[0]);
            assertEquals("18446744073709551615", read.value("u64").orElseThrow().text(1));
            assertThrows(WinnowException.class, () -> read.integer("u64"));
            WinnowException wrong = assertThrows(WinnowException.class, () -> read.integer("general.architecture"));
            assertEquals("key general.architecture has type string but an integer is expected", wrong.getMessage());
        }
    }

    @Test
    void tensorsOfEveryTypeComeBackByteForByte() {
        Path path = folder.resolve("tensors.gguf");
        GgufMetadata metadata = GgufMetadata.builder().set("general.alignment", GgufValue.integer(GgufType.U32, 64)).build();
        GgufWriter writer = new GgufWriter(metadata);
        Random random = new Random(3);
        Map<GgmlType, byte[]> contents = new EnumMap<>(GgmlType.class);
        for (GgmlType type : GgmlType.values()) {
            byte[] content = new byte[Math.toIntExact(type.byteSize(512 * 3))];
            random.nextBytes(content);
            contents.put(type, content);
            writer.add(type.name(), type, List.of(512L, 3L), MemorySegment.ofArray(content));
        }
        writer.write(path);
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(64, file.alignment());
            for (GgmlType type : GgmlType.values()) {
                GgufTensor tensor = file.find(type.name()).orElseThrow();
                assertEquals(type, tensor.type().orElseThrow());
                assertEquals(List.of(512L, 3L), tensor.shape());
                assertArrayEquals(contents.get(type), tensor.data().toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Test
    void quantisesLikeTheReferenceOfGgml() throws IOException {
        Path path = FIXTURES.resolve("quants/quants.gguf");
        assumeTrue(Files.exists(path), "the fixtures are absent");
        ByteBuffer values = ByteBuffer.wrap(Files.readAllBytes(FIXTURES.resolve("quants/quants.bin"))).order(ByteOrder.LITTLE_ENDIAN);
        float[] source = new float[8 * 512];
        values.asFloatBuffer().get(512, source);
        try (GgufFile file = GgufFile.open(path)) {
            for (GgufTensor tensor : file.tensors()) {
                GgmlType type = tensor.type().orElseThrow();
                if (tensor.name().endsWith(".quantised") && GgmlQuantizer.canWrite(type)) {
                    MemorySegment encoded = MemorySegment.ofArray(new byte[Math.toIntExact(tensor.byteSize())]);
                    GgmlQuantizer.quantize(type, source, 0, source.length, encoded, 0);
                    assertEquals(-1, encoded.mismatch(tensor.data()), tensor.name());
                }
            }
        }
    }

    @Test
    void annotatesACopyAndNeverTheFileItself() throws IOException {
        Path source = FIXTURES.resolve("bad/good_q8_0.gguf");
        assumeTrue(Files.exists(source), "the fixtures are absent");
        Path original = Files.copy(source, folder.resolve("model.gguf"));
        Path path = folder.resolve("copy.gguf");
        try (GgufFile file = GgufFile.open(original)) {
            GgufMetadata old = file.metadata();
            WinnowException inPlace = assertThrows(WinnowException.class, () -> GgufCopier.annotate(file, original, List.of()));
            assertEquals(WinnowException.Kind.USAGE, inPlace.kind());
            assertThrows(WinnowException.class, () -> GgufCopier.annotate(file, path, List.of(MetadataEdit.remove("no.such.key"))));
            assertFalse(Files.exists(path));
            GgufCopier.annotate(file, path, List.of(
                    MetadataEdit.parse("llama.context_length=99", old),
                    MetadataEdit.parse("llama.sparsek.enable=true", old),
                    MetadataEdit.parse("llama.sparsek.top_k:u16=64", old),
                    MetadataEdit.parse("weights:f32[]=1, 2.5", old),
                    MetadataEdit.remove("llama.attention.head_count_kv")));
            try (GgufFile changed = GgufFile.open(path)) {
                assertEquals(99, changed.metadata().integer("llama.context_length").orElseThrow());
                assertEquals(old.value("llama.context_length").orElseThrow().type(),
                        changed.metadata().value("llama.context_length").orElseThrow().type());
                assertTrue(changed.metadata().bool("llama.sparsek.enable").orElseThrow());
                assertEquals(GgufType.U16, changed.metadata().value("llama.sparsek.top_k").orElseThrow().type());
                assertArrayEquals(new float[]{1, 2.5f}, changed.metadata().reals("weights").orElseThrow());
                assertFalse(changed.metadata().keys().contains("llama.attention.head_count_kv"));
                for (GgufTensor tensor : file.tensors()) {
                    assertEquals(-1, tensor.data().mismatch(changed.find(tensor.name()).orElseThrow().data()), tensor.name());
                }
            }
        }
    }

    @Test
    void badEditsAreUsageErrors() {
        GgufMetadata metadata = everyType();
        for (String text : List.of("novalue", "=1", "u8=256", "u8=x", "bool=yes", "new:u9=1", "new:u32=-1", "f32=abc", "new:u32[]=1,,2")) {
            WinnowException failure = assertThrows(WinnowException.class, () -> MetadataEdit.parse(text, metadata), text);
            assertEquals(WinnowException.Kind.USAGE, failure.kind());
        }
    }

    @Test
    void failureLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = Files.writeString(folder.resolve("old.gguf"), "old");
        GgufWriter.RowSource failing = (first, count, target) -> {
            throw new IllegalStateException("source failed");
        };
        GgufWriter writer = new GgufWriter(everyType()).add("t", GgmlType.F32, List.of(4L), failing);
        assertThrows(IllegalStateException.class, () -> writer.write(path));
        assertEquals("old", Files.readString(path));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
        Path missing = folder.resolve("missing/x.gguf");
        WinnowException failure = assertThrows(WinnowException.class, () -> new GgufWriter(everyType()).write(missing));
        assertEquals(WinnowException.Kind.USAGE, failure.kind());
    }

    private void writeSplit(int number, int count, int tensors) {
        GgufMetadata metadata = GgufMetadata.builder()
                .set("general.architecture", GgufValue.string("llama"))
                .set("split.no", GgufValue.integer(GgufType.U16, number))
                .set("split.count", GgufValue.integer(GgufType.U16, count))
                .set("split.tensors.count", GgufValue.integer(GgufType.I32, tensors))
                .build();
        new GgufWriter(metadata)
                .add("t" + number, GgmlType.F32, List.of(3L), new float[]{number, 1, 2})
                .write(folder.resolve("m-0000" + (number + 1) + "-of-0000" + count + ".gguf"));
    }

    @Test
    void splitFilesOpenAsOneModel() throws IOException {
        for (int number = 0; number < 3; number++) {
            writeSplit(number, 3, 3);
        }
        Path first = folder.resolve("m-00001-of-00003.gguf");
        Path joined = folder.resolve("joined.gguf");
        try (GgufFile file = GgufFile.open(first)) {
            assertEquals(List.of("t0", "t1", "t2"), file.tensors().stream().map(GgufTensor::name).toList());
            GgufCopier.annotate(file, joined, List.of());
            Path part = folder.resolve("m-00002-of-00003.gguf");
            assertThrows(WinnowException.class, () -> GgufCopier.annotate(file, part, List.of()));
        }
        try (GgufFile file = GgufFile.open(joined)) {
            assertEquals(2f, Float.intBitsToFloat(file.find("t2").orElseThrow().data().get(GgufValue.INT, 0)));
        }
        assertThrows(WinnowException.class, () -> GgufFile.open(folder.resolve("m-00002-of-00003.gguf")).close());
        Files.delete(folder.resolve("m-00003-of-00003.gguf"));
        WinnowException missing = assertThrows(WinnowException.class, () -> GgufFile.open(first).close());
        assertTrue(String.valueOf(missing.getMessage()).startsWith("Part 3 of the 3 files"), missing.getMessage());
        writeSplit(2, 3, 3);
        writeSplit(0, 3, 4);
        assertThrows(WinnowException.class, () -> GgufFile.open(first).close());
    }

    @Test
    void findsNanAndInfinity() {
        for (String name : List.of("nan_scale.gguf", "inf_scale.gguf", "nan_f32.gguf", "good.gguf", "good_q8_0.gguf")) {
            Path path = FIXTURES.resolve("bad").resolve(name);
            assumeTrue(Files.exists(path), "the fixtures are absent");
            try (GgufFile file = GgufFile.open(path)) {
                if (name.startsWith("good")) {
                    TensorCheck.requireFinite(file);
                } else {
                    WinnowException failure = assertThrows(WinnowException.class, () -> TensorCheck.requireFinite(file), name);
                    String tensor = name.equals("nan_f32.gguf") ? "blk.0.attn_q.weight" : "blk.0.ffn_up.weight";
                    assertTrue(String.valueOf(failure.getMessage()).contains(tensor), failure.getMessage());
                }
            }
        }
    }
}
