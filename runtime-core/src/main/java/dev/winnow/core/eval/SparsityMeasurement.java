package dev.winnow.core.eval;

import dev.winnow.api.Cancellation;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.Model;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.runtime.RefinedModel;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Measures where attention goes, on the beginning of a text. */
public final class SparsityMeasurement {

    private static final String ID = "sparsity";

    /** Asks for the logits of every position, because the last layer has no attention where nobody does. */
    private static final LogitsConsumer ALL_POSITIONS = new LogitsConsumer() {
        @Override
        public boolean wants(int position) {
            return true;
        }

        @Override
        public void accept(int position, float[] logits) {}
    };

    private SparsityMeasurement() {}

    /**
     * What is measured.
     *
     * @param contextLength tokens of the text
     * @param decodeTokens  tokens at its end that are computed one by one, as in generation
     * @param every         the dropped mass is computed at one of this many positions
     * @param layer         of the head whose blocks are counted; −1 for the middle one
     * @param head          whose blocks are counted
     */
    public record Options(int contextLength, int decodeTokens, int every, int layer, int head) {
        /**
         * Checks the values.
         *
         * @throws WinnowException if one is out of its range
         */
        public Options {
            check("context length", contextLength, 2, "-c");
            check("number of positions of which one is sampled", every, 1, "--every");
            check("number of decoded tokens", decodeTokens, 0, "--decode");
            if (decodeTokens >= contextLength) {
                throw new WinnowException(WinnowException.Kind.USAGE, "The number of decoded tokens is " + decodeTokens
                        + ", but a context of " + contextLength + " takes at most " + (contextLength - 1) + " (--decode).");
            }
        }

        private static void check(String name, int value, int least, String option) {
            if (value < least) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "The " + name + " is " + value + ", but takes " + least + " or more (" + option + ").");
            }
        }
    }

    /**
     * Measures one arm.
     *
     * @param model    made by this runtime
     * @param arm      dense attention, which drops nothing, or refiners
     * @param progress told of computed tokens
     * @throws WinnowException if the text is too short, the model has no such layer or head, or refiners removed no key
     */
    public static SparsityMap run(Model model, SessionOptions arm, String text, Options options, ProgressListener progress) {
        if (!(model instanceof RefinedModel refined)) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "Only a model that was loaded by Winnow's own runtime can be looked into.");
        }
        int length = options.contextLength();
        int[] tokens = model.tokenizer().encode(text, true, false);
        if (tokens.length < length) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The text has " + tokens.length + " tokens, but a context of " + length
                    + " needs as many: give a longer text, or a shorter context (-c).");
        }
        SparsityMap map = map(model, options);
        RefinerDecision.Applies probe = new RefinerDecision.Applies(RefinerPhase.CONTENT, false, Map.of(),
                context -> new SparsityProbe(map, options.every(), context.workers(), context.contextLength()));
        try (Session session = refined.newSession(arm.withContextLength(length), ID, probe)) {
            int prompt = length - options.decodeTokens();
            session.append(Arrays.copyOf(tokens, prompt), ALL_POSITIONS, Cancellation.never(), progress);
            for (int i = prompt; i < length; i++) {
                session.append(new int[]{tokens[i]}, ALL_POSITIONS, Cancellation.never(), ProgressListener.SILENT);
                progress.progress(i + 1, length);
            }
            List<RefinerReport> others = session.refiners().stream().filter(refiner -> !refiner.id().equals(ID)).toList();
            new RefinerActivity(others, map.total().baseKeys(), map.total().keptKeys()).require();
        }
        return map;
    }

    private static SparsityMap map(Model model, Options options) {
        int layers = model.layers().size();
        int layer = options.layer() == -1 ? layers / 2 : options.layer();
        if (layer < 0 || layer >= layers) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "There is no layer " + layer + ": the model has the layers 0 to " + (layers - 1) + " (--layer).");
        }
        int heads = model.layers().get(layer).attention().headCount();
        if (options.head() < 0 || options.head() >= heads) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "There is no head " + options.head() + ": layer " + layer + " has the heads 0 to " + (heads - 1) + " (--head).");
        }
        return new SparsityMap(model.layers(), options.contextLength(), layer, options.head());
    }
}
