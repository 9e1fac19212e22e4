package dev.winnow.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Writes a random model of a few hundred kilobytes in the real format: Llama architecture, Q8_0 matrices, a byte-level tokenizer. Tests run it where no real
 * model is at hand, and the build trains the AOT cache with it; for that this file also runs by itself ({@code java TinyModel.java FILE}) and so uses nothing
 * but the JDK. The same bytes come out every time.
 */
public final class TinyModel {

    static final int CONTEXT_LENGTH = 1024;

    private static final int EMBEDDING = 64;
    private static final int LAYERS = 2;
    private static final int HEADS = 4;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = EMBEDDING / HEADS;
    private static final int HIDDEN = 128;
    private static final List<String> MERGES = List.of("t h", "th e", "\u0120 the", "i n", "\u0120 a");
    private static final String END_OF_TEXT = "<|endoftext|>";
    private static final String CHAT_TEMPLATE = "{% for message in messages %}{{ message.role + ': ' + message.content + '<|endoftext|>\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";

    private static final int ALIGNMENT = 32;
    private static final int U32 = 4;
    private static final int F32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int TYPE_F32 = 0;
    private static final int TYPE_Q8_0 = 8;
    private static final int BLOCK = 32;

    private final Random random = new Random(42);
    private final ByteArrayOutputStream metadata = new ByteArrayOutputStream();
    private final ByteArrayOutputStream table = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private int keys;
    private int tensors;

    private TinyModel() {}

    /** Writes a model whose metadata asks for nothing into a folder, and returns its path. */
    public static Path in(Path folder) throws IOException {
        Path file = folder.resolve("tiny.gguf");
        write(file);
        return file;
    }

    /** Writes a model whose metadata asks for nothing. */
    public static void write(Path file) throws IOException {
        write(file, Map.of());
    }

    /** Writes a model with more integers and truth values in its metadata, for example {@code llama.sparsek.top_k}. */
    public static void write(Path file, Map<String, ?> more) throws IOException {
        TinyModel model = new TinyModel();
        model.describe();
        more.forEach((name, value) -> {
            if (value instanceof Boolean flag) {
                model.flag(name, flag);
            } else {
                model.integer(name, (Integer) value);
            }
        });
        model.weights();
        Files.write(file, model.bytes());
    }

    /**
     * Writes a model that claims to have one matrix more, of 4 TiB, which the file does not hold.
     *
     * @return the number of bytes that are missing at the end of the file
     */
    public static long writeHuge(Path file) throws IOException {
        TinyModel model = new TinyModel();
        model.describe();
        model.weights();
        model.tensor("huge.weight", TYPE_F32, 1 << 20, 1 << 20);
        Files.write(file, model.bytes());
        return 4L << 40;
    }

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]).toAbsolutePath();
        Files.createDirectories(file.getParent());
        write(file);
    }

    private void describe() {
        string("general.architecture", "llama");
        string("general.name", "Tiny");
        integer("llama.context_length", CONTEXT_LENGTH);
        integer("llama.embedding_length", EMBEDDING);
        integer("llama.block_count", LAYERS);
        integer("llama.feed_forward_length", HIDDEN);
        integer("llama.attention.head_count", HEADS);
        integer("llama.attention.head_count_kv", KV_HEADS);
        key("llama.attention.layer_norm_rms_epsilon", F32);
        putInt(metadata, Float.floatToIntBits(1e-5f));
        string("tokenizer.ggml.model", "gpt2");
        string("tokenizer.ggml.pre", "gpt-2");
        List<String> tokens = tokens();
        key("tokenizer.ggml.tokens", ARRAY);
        array(tokens);
        key("tokenizer.ggml.token_type", ARRAY);
        putInt(metadata, 5); // i32
        putLong(metadata, tokens.size());
        tokens.forEach(token -> putInt(metadata, token.equals(END_OF_TEXT) ? 3 : 1)); // control or normal
        key("tokenizer.ggml.merges", ARRAY);
        array(MERGES);
        integer("tokenizer.ggml.bos_token_id", tokens.size() - 1);
        integer("tokenizer.ggml.eos_token_id", tokens.size() - 1);
        flag("tokenizer.ggml.add_bos_token", false);
        string("tokenizer.chat_template", CHAT_TEMPLATE);
    }

    /** One token for each byte, in GPT-2's alphabet of printable characters, then one for each merge, then the end. */
    private static List<String> tokens() {
        List<String> tokens = new ArrayList<>();
        int next = 256;
        for (int value = 0; value < 256; value++) {
            boolean printable = value >= '!' && value <= '~' || value >= 0xA1 && value <= 0xAC || value >= 0xAE;
            tokens.add(String.valueOf((char) (printable ? value : next++)));
        }
        MERGES.forEach(merge -> tokens.add(merge.replace(" ", "")));
        tokens.add(END_OF_TEXT);
        return tokens;
    }

    private void weights() {
        matrix("token_embd.weight", tokens().size(), EMBEDDING);
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "blk." + layer + ".";
            ones(prefix + "attn_norm.weight");
            matrix(prefix + "attn_q.weight", HEADS * HEAD_DIM, EMBEDDING);
            matrix(prefix + "attn_k.weight", KV_HEADS * HEAD_DIM, EMBEDDING);
            matrix(prefix + "attn_v.weight", KV_HEADS * HEAD_DIM, EMBEDDING);
            matrix(prefix + "attn_output.weight", EMBEDDING, HEADS * HEAD_DIM);
            ones(prefix + "ffn_norm.weight");
            matrix(prefix + "ffn_gate.weight", HIDDEN, EMBEDDING);
            matrix(prefix + "ffn_up.weight", HIDDEN, EMBEDDING);
            matrix(prefix + "ffn_down.weight", EMBEDDING, HIDDEN);
        }
        ones("output_norm.weight");
    }

    private void ones(String name) {
        tensor(name, TYPE_F32, EMBEDDING);
        for (int i = 0; i < EMBEDDING; i++) {
            putInt(data, Float.floatToIntBits(1));
        }
        pad(data, 0);
    }

    private void matrix(String name, int rows, int columns) {
        tensor(name, TYPE_Q8_0, columns, rows);
        short scale = Float.floatToFloat16(1f / 256);
        for (int block = 0; block < rows * columns / BLOCK; block++) {
            data.write(scale);
            data.write(scale >> 8);
            for (int i = 0; i < BLOCK; i++) {
                data.write(random.nextInt(-127, 128));
            }
        }
        pad(data, 0);
    }

    private byte[] bytes() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        putInt(file, 3);
        putLong(file, tensors);
        putLong(file, keys);
        file.writeBytes(metadata.toByteArray());
        file.writeBytes(table.toByteArray());
        pad(file, 0);
        file.writeBytes(data.toByteArray());
        return file.toByteArray();
    }

    private void tensor(String name, int type, int... shape) {
        tensors++;
        putString(table, name);
        putInt(table, shape.length);
        for (int size : shape) {
            putLong(table, size);
        }
        putInt(table, type);
        putLong(table, data.size());
    }

    private void key(String name, int type) {
        keys++;
        putString(metadata, name);
        putInt(metadata, type);
    }

    private void string(String name, String value) {
        key(name, STRING);
        putString(metadata, value);
    }

    private void integer(String name, int value) {
        key(name, U32);
        putInt(metadata, value);
    }

    private void flag(String name, boolean value) {
        key(name, BOOL);
        metadata.write(value ? 1 : 0);
    }

    private void array(List<String> values) {
        putInt(metadata, STRING);
        putLong(metadata, values.size());
        values.forEach(value -> putString(metadata, value));
    }

    private static void pad(ByteArrayOutputStream out, int value) {
        while (out.size() % ALIGNMENT != 0) {
            out.write(value);
        }
    }

    private static void putString(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        putLong(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void putInt(ByteArrayOutputStream out, int value) {
        out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    private static void putLong(ByteArrayOutputStream out, long value) {
        out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    }
}
