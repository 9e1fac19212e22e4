package dev.winnow.launcher.convert;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The families of checkpoints that are converted, with what differs between them. */
enum Family {
    LLAMA("llama", "LlamaForCausalLM MistralForCausalLM"),
    SMOLLM3("smollm3", "SmolLM3ForCausalLM"),
    QWEN2("qwen2", "Qwen2ForCausalLM"),
    QWEN3("qwen3", "Qwen3ForCausalLM"),
    GEMMA("gemma", "GemmaForCausalLM"),
    GEMMA2("gemma2", "Gemma2ForCausalLM"),
    GEMMA3("gemma3", "Gemma3ForCausalLM Gemma3ForConditionalGeneration");

    private final String architecture;
    private final String classes; // of Python's transformers, separated by spaces

    Family(String architecture, String classes) {
        this.architecture = architecture;
        this.classes = classes;
    }

    private List<String> classes() {
        return List.of(classes.split(" ", -1));
    }

    /** Returns the family of a class of Python's transformers, as {@code config.json} names it. */
    static Optional<Family> ofClass(String name) {
        return Arrays.stream(values()).filter(family -> family.classes().contains(name)).findFirst();
    }

    static String knownClasses() {
        return Arrays.stream(values()).flatMap(family -> family.classes().stream()).sorted().collect(Collectors.joining(", "));
    }

    /** Returns {@code general.architecture}. */
    String architecture() {
        return architecture;
    }

    /** Whether GGUF wants the rows of queries and keys in another order, because llama.cpp turns neighbouring dimensions of a head together. */
    boolean permuted() {
        return this == LLAMA || this == SMOLLM3;
    }

    /** Whether queries and keys are normed per head. */
    boolean headNorms() {
        return this == QWEN3 || this == GEMMA3;
    }

    /** Whether the outputs of attention and feed-forward are normed. */
    boolean postNorms() {
        return this == GEMMA2 || this == GEMMA3;
    }

    /** Gemma's checkpoints store norm weights less 1. */
    boolean isGemma() {
        return this == GEMMA || this == GEMMA2 || this == GEMMA3;
    }
}
