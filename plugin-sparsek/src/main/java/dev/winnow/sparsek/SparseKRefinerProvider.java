package dev.winnow.sparsek;

import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.Provider;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.RefinerRequest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Offers SparseK: of the keys that positions permit, a query keeps the {@code top_k} with the largest scores, those in a window and those at multiples of a
 * stride. Applies if the model's metadata enables it or the user names it.
 *
 * <p>Metadata: {@code <arch>.sparsek.enable} (bool), {@code .top_k}, {@code .window}, {@code .stride} (u32), or else the same under {@code llama.sparsek}.
 *
 * <p>Settings, which come before the metadata:
 * <ul>
 * <li>{@code top-k}, {@code window}, {@code stride}: SparseK's parameters, 0 for none
 * <li>{@code selection}: {@code exact} (the definition), {@code auto}, {@code xattention}, {@code blocks}, {@code pages}, {@code int8}, {@code static} or
 * {@code dense}; {@code prefill} and {@code decode} choose for one phase. Without any of them it is exact if one of SparseK's parameters is given, else auto:
 * xattention for prompts and pages for decoding, which also stand in where {@code selection} does not serve a phase
 * <li>{@code tau}: part of the estimated softmax mass that a prompt's tiles keep, 0.95 if not given; {@code head-tau}: the same for each head, as
 * {@code winnow calibrate} finds it, for example {@code 0/0.98/1:012.221}: levels, then one digit for each head of each layer
 * <li>{@code budget}, {@code budget-fraction}: keys that decoding keeps, as a number (2048, or as {@code top-k} says) and as a part of the context; the larger
 * counts
 * <li>{@code sinks}, {@code recent}: first and latest keys that are always kept; prompts count {@code recent} from the tile's first query, decoding from the query,
 * whose own key is one of them
 * <li>{@code page}: keys in a page of {@code pages} (16, 32, 64) and {@code int8} (1, 2, … 64), 16 if not given; {@code block}: keys in a block of {@code blocks} (4, 8, … 64), 64 if not given
 * <li>{@code summary}: keys of a page that share mean and spread in {@code pages}, 4 … page: 8 in decoding and the page in prompts if not given
 * <li>{@code group}: S of XAttention, 4 … 64, 8 if not given; {@code sampled-rows}: queries of a tile that score a prompt's pages (8 if not given) or blocks (64)
 * <li>{@code min-context}: visible keys below which everything is kept; if not given, where the method began to pay when it was measured: 0 for exact, 1024 for xattention
 * and pages, 2048 for blocks and static, 4096 for int8; in decoding with pages three times the budget, 2048 or more
 * </ul>
 *
 * <p>A setting that the selection of neither phase reads is an error; a metadata key is not.
 */
public final class SparseKRefinerProvider implements MaskRefinerProvider {

    /** Creates the provider. */
    public SparseKRefinerProvider() {}

    @Override
    public String id() {
        return ParameterReader.ID;
    }

    @Override
    public int spiVersion() {
        return Provider.SPI_VERSION;
    }

    @Override
    public boolean warmsUp() {
        return true;
    }

    @Override
    public String description() {
        return "SparseK: top-k=N,window=N,stride=N keeps the best keys of each query exactly; selection=auto is fast, with tau (prompts) and budget (decoding). "
                + "Every selection but dense costs accuracy: docs/sparse-attention.md says how much";
    }

    @Override
    public RefinerDecision decide(RefinerRequest request) {
        ParameterReader reader = new ParameterReader(request);
        boolean enabled = reader.enabledByModel();
        if (!enabled && !request.asked()) {
            return new RefinerDecision.DoesNotApply(
                    List.of("the model's metadata does not enable it (" + reader.enableKey() + ")", "it is not asked for"));
        }
        if (enabled && !request.asked() && !reader.isDefined()) {
            throw new IllegalArgumentException("the metadata key '" + reader.enableKey()
                    + "' is true, but none of top_k, window and stride says which keys to keep; set one, or run without this refiner");
        }
        PhaseParameters prefill = reader.read(AttentionPhase.PREFILL);
        PhaseParameters decode = reader.read(AttentionPhase.DECODE);
        reader.requireAllRead(prefill.method(), decode.method());
        Map<String, String> parameters = new TreeMap<>();
        prefill.describe("prefill", parameters);
        decode.describe("decode", parameters);
        return new RefinerDecision.Applies(RefinerPhase.CONTENT, false, parameters,
                context -> new SparseKRefiner(prefill, decode, context));
    }
}
