package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufTensor;
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.KvType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that are not numbers are named, wherever they are and whatever would round them to numbers on the way, and never end as plausible text. */
class NotFiniteTest {

    private static final short NAN = 0x7E00;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"blk.0.attn_q.weight", "blk.1.attn_k.weight", "blk.1.attn_v.weight", "blk.0.attn_output.weight",
            "blk.0.ffn_down.weight"})
    void aTensorWithNanIsNamed(String tensor) throws IOException {
        Path file = folder.resolve("nan.gguf");
        TinyModel.write(file);
        spoilScale(file, tensor);
        for (String backend : new String[]{"cpu", "reference"}) {
            ModelOptions options = ModelOptions.defaults().withBackend(backend);
            try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build(); Model model = runtime.load(file, options)) {
                for (KvType type : KvType.values()) {
                    for (int count : new int[]{1, 40}) {
                        try (Session session = model.newSession(SessionOptions.defaults().withKvType(type))) {
                            WinnowException failure = assertThrows(WinnowException.class, () -> session.append(new int[count]));
                            assertTrue(String.valueOf(failure.getMessage()).contains(tensor), failure.getMessage());
                            assertEquals(WinnowException.Kind.MODEL, failure.kind());
                            assertEquals(0, session.length());
                        }
                    }
                }
            }
        }
    }

    /** Makes the F16 scale of a tensor's first block NaN. */
    private static void spoilScale(Path file, String name) throws IOException {
        long offset;
        try (GgufFile gguf = GgufFile.open(file)) {
            GgufTensor tensor = gguf.find(name).orElseThrow();
            byte[] begin = tensor.data().asSlice(0, 34).toArray(ValueLayout.JAVA_BYTE);
            MemorySegment all = MemorySegment.ofArray(Files.readAllBytes(file));
            offset = 0;
            while (all.asSlice(offset, begin.length).mismatch(MemorySegment.ofArray(begin)) >= 0) {
                offset++;
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, NAN);
        Files.write(file, bytes);
    }
}
