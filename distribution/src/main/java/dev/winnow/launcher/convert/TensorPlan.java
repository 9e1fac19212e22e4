package dev.winnow.launcher.convert;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which tensor of the checkpoint becomes which of the GGUF file, with checked shapes. */
final class TensorPlan {

    /** Beginnings of names that belong to the parts for pictures of a model that has them. */
    private static final List<String> NOT_TEXT = List.of("vision_tower.", "multi_modal_projector.", "model.vision_tower.",
            "model.multi_modal_projector.");

    /** Where published checkpoints have the language model. */
    private static final List<Root> ROOTS = List.of(new Root("model.", "lm_head"),
            new Root("language_model.model.", "language_model.lm_head"), new Root("model.language_model.", "lm_head"),
            new Root("", "lm_head"));

    /**
     * A place of the language model.
     *
     * @param prefix what its tensors begin with
     * @param head   name of the matrix of the logits, which is outside of it
     */
    private record Root(String prefix, String head) {}

    /**
     * One tensor.
     *
     * @param name   its name in GGUF
     * @param source where its values are
     * @param heads  if not 0, rows are put into the order of neighbouring pairs, head by head
     * @param shift  what is added to each value
     */
    record Item(String name, StoredTensor source, int heads, float shift) {

        boolean isMatrix() {
            return source.shape().size() == 2;
        }

        /** Returns the dimensions as GGUF has them: the contiguous one first. */
        List<Long> shape() {
            return source.shape().reversed();
        }
    }

    private final Checkpoint checkpoint;
    private final ModelConfig config;
    private final Family family;
    private final Root root;
    private final List<Item> items = new ArrayList<>();
    private final Set<String> used = new HashSet<>();

    private TensorPlan(Checkpoint checkpoint, ModelConfig config) {
        this.checkpoint = checkpoint;
        this.config = config;
        this.family = config.family();
        this.root = ROOTS.stream().filter(candidate -> checkpoint.find(candidate.prefix() + "embed_tokens.weight") != null).findFirst()
                .orElse(ROOTS.getFirst());
    }

    /** Returns the tensors in the order of the file. */
    static List<Item> of(Checkpoint checkpoint, ModelConfig config) {
        TensorPlan plan = new TensorPlan(checkpoint, config);
        plan.collect();
        plan.requireAllUsed();
        return plan.items;
    }

    private void collect() {
        long width = config.embedding();
        String prefix = root.prefix();
        long vocabulary = require(prefix + "embed_tokens.weight").shape().getFirst();
        matrix("token_embd", prefix + "embed_tokens", vocabulary, width, 0);
        for (int layer = 0; layer < config.layers(); layer++) {
            layer("blk." + layer + ".", prefix + "layers." + layer + ".");
        }
        norm("output_norm", prefix + "norm", width);
        logits(vocabulary, width);
    }

    /** The matrix of the logits: absent or a copy of the embeddings in models that use these. */
    private void logits(long vocabulary, long width) {
        String head = root.head();
        Boolean tied = config.tied();
        boolean present = checkpoint.find(head + ".weight") != null;
        if (Boolean.TRUE.equals(tied)) {
            used.add(head + ".weight");
        } else if (present || (Boolean.FALSE.equals(tied) && !family.isGemma())) {
            matrix("output", head, vocabulary, width, 0);
        }
    }

    private void layer(String to, String from) {
        long width = config.embedding();
        long queries = (long) config.heads() * config.headDim();
        long keys = (long) config.headsKv() * config.headDim();
        norm(to + "attn_norm", from + "input_layernorm", width);
        matrix(to + "attn_q", from + "self_attn.q_proj", queries, width, family.permuted() ? config.heads() : 0);
        matrix(to + "attn_k", from + "self_attn.k_proj", keys, width, family.permuted() ? config.headsKv() : 0);
        matrix(to + "attn_v", from + "self_attn.v_proj", keys, width, 0);
        matrix(to + "attn_output", from + "self_attn.o_proj", width, queries, 0);
        if (family.headNorms()) {
            norm(to + "attn_q_norm", from + "self_attn.q_norm", config.headDim());
            norm(to + "attn_k_norm", from + "self_attn.k_norm", config.headDim());
        }
        norm(to + (family.postNorms() ? "post_attention_norm" : "ffn_norm"), from + "post_attention_layernorm", width);
        if (family.postNorms()) {
            norm(to + "ffn_norm", from + "pre_feedforward_layernorm", width);
            norm(to + "post_ffw_norm", from + "post_feedforward_layernorm", width);
        }
        matrix(to + "ffn_gate", from + "mlp.gate_proj", config.hidden(), width, 0);
        matrix(to + "ffn_up", from + "mlp.up_proj", config.hidden(), width, 0);
        matrix(to + "ffn_down", from + "mlp.down_proj", width, config.hidden(), 0);
        used.add(from + "self_attn.rotary_emb.inv_freq"); // follows from the configuration
    }

    /** A matrix, with its bias if the checkpoint has one. */
    private void matrix(String to, String from, long rows, long columns, int heads) {
        add(to + ".weight", require(from + ".weight"), List.of(rows, columns), heads, 0);
        StoredTensor bias = checkpoint.find(from + ".bias");
        if (bias != null && to.contains("attn_")) {
            add(to + ".bias", bias, List.of(rows), heads, 0);
        }
    }

    private void norm(String to, String from, long length) {
        add(to + ".weight", require(from + ".weight"), List.of(length), 0, family.isGemma() ? 1 : 0);
    }

    private StoredTensor require(String name) {
        StoredTensor tensor = checkpoint.find(name);
        if (tensor == null) {
            throw Defects.in(config.text().file(),
                    "describes a model of the architecture " + family.architecture() + " with " + config.layers()
                            + " layers, but the checkpoint has no tensor '" + name + "'");
        }
        return tensor;
    }

    private void add(String to, StoredTensor source, List<Long> shape, int heads, float shift) {
        if (!source.shape().equals(shape)) {
            throw Defects.in(source.file(), "has the tensor '" + source.name() + "' with the shape " + SafetensorsFile.text(source.shape())
                    + ", but config.json asks for " + SafetensorsFile.text(shape));
        }
        used.add(source.name());
        items.add(new Item(to, source, heads, shift));
    }

    private void requireAllUsed() {
        for (String name : checkpoint.names()) {
            if (!used.contains(name) && NOT_TEXT.stream().noneMatch(name::startsWith)) {
                throw Defects.unsupported(
                        "The checkpoint has the tensor '" + name + "', which the architecture " + family.architecture() + " of "
                                + config.text().file() + " has no place for");
            }
        }
    }
}
