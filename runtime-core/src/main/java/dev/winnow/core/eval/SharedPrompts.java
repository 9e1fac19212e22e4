package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.core.model.ForwardPass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Computes several prompts with the same options, and what they have in common at their beginnings only once: sessions are forked where prompts part. They part
 * at multiples of {@link ForwardPass#CHUNK} tokens, at which a session cuts a prompt anyway, so that every result is that of the prompt alone, bit for bit.
 */
final class SharedPrompts {

    private final List<int[]> prompts;
    private final Listener listener;

    private SharedPrompts(List<int[]> prompts, Listener listener) {
        this.prompts = prompts;
        this.listener = listener;
    }

    /**
     * A prompt that was computed.
     *
     * @param session holds the prompt and its last logits; closed after the call
     * @param before  what other sessions spent on the prompt's beginning
     * @param nanos   time that the whole prompt took, its beginning included
     */
    record Computed(Session session, PhaseShare before, long nanos) {}

    /** Is told of each prompt. */
    @FunctionalInterface
    interface Listener {
        /** The prompt of an index is computed. */
        void computed(int index, Computed prompt);
    }

    /**
     * Computes prompts, in an order of its own.
     *
     * @param options with a context length that is enough for the longest prompt and what the listener appends
     * @param prompts token ids of each, one or more
     */
    static void run(Model model, SessionOptions options, List<int[]> prompts, Listener listener) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            all.add(i);
        }
        try (Session session = model.newSession(options)) {
            new SharedPrompts(prompts, listener).visit(new Computed(session, PhaseShare.NONE, 0), all);
        }
    }

    /** Computes prompts of which a session holds the common beginning. */
    private void visit(Computed begun, List<Integer> indexes) {
        int[] first = prompts.get(indexes.getFirst());
        if (indexes.size() == 1) {
            listener.computed(indexes.getFirst(), append(begun, first, first.length));
            return;
        }
        int shared = indexes.stream().mapToInt(index -> shared(first, prompts.get(index))).min().orElse(0);
        Computed common = append(begun, first, shared);
        PhaseShare before = common.before.plus(PhaseShare.ofAll(common.session));
        List<Integer> rest = new ArrayList<>(indexes);
        while (!rest.isEmpty()) {
            int leader = rest.removeFirst();
            List<Integer> together = new ArrayList<>(List.of(leader));
            rest.removeIf(index -> shared(prompts.get(leader), prompts.get(index)) > shared && together.add(index));
            try (Session fork = common.session.fork()) {
                visit(new Computed(fork, before, common.nanos), together);
            }
        }
    }

    private static Computed append(Computed begun, int[] prompt, int end) {
        long start = System.nanoTime();
        begun.session.append(Arrays.copyOfRange(prompt, begun.session.length(), end));
        return new Computed(begun.session, begun.before, begun.nanos + System.nanoTime() - start);
    }

    /** Returns how many tokens two prompts share, in whole blocks; at least one token is left of each, whose logits are asked for. */
    private static int shared(int[] a, int[] b) {
        int mismatch = Arrays.mismatch(a, b);
        int equal = mismatch < 0 ? a.length : mismatch;
        return Math.min(equal, Math.min(a.length, b.length) - 1) / ForwardPass.CHUNK * ForwardPass.CHUNK;
    }
}
