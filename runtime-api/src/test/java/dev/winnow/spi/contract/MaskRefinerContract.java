package dev.winnow.spi.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.Provider;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every mask refiner owes the runtime. The author of a plug-in extends this class, names the provider, and lists cases (models and settings) in which the
 * refiner removes keys at a context of {@value #CONTEXT} positions.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class MaskRefinerContract {

    /** Length of the sessions that the cases are run in. */
    protected static final int CONTEXT = 640;

    private static final int PROMPT = 500;

    /** For subclasses. */
    protected MaskRefinerContract() {}

    /** Returns the provider under test. */
    protected abstract MaskRefinerProvider provider();

    /** Returns the models and settings to test with. */
    protected abstract List<RefinerCase> cases();

    private RefinerSession session(RefinerCase refinerCase, int workers) {
        return new RefinerSession(refinerCase.decide(provider()), refinerCase.layers(), CONTEXT, workers);
    }

    @Test
    void theProviderSaysWhatItIs() {
        assertTrue(provider().id().matches("[a-z][a-z0-9-]*"), provider().id());
        assertEquals(Provider.SPI_VERSION, provider().spiVersion());
        assertFalse(provider().description().isBlank());
        assertFalse(provider().description().contains("\n"), "the description is one line");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anUnknownSettingIsAnErrorThatNamesIt(RefinerCase refinerCase) {
        Settings unknown = Settings.parse(provider().id(), "no-such-setting=1");
        RefinerRequest request = new RefinerRequest(refinerCase.metadata(), refinerCase.layers(), unknown, true);
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> provider().decide(request)).getMessage());
        assertTrue(message.contains("no-such-setting"), message);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void parametersAreNamedInKebabCase(RefinerCase refinerCase) {
        for (String name : refinerCase.decide(provider()).parameters().keySet()) {
            assertTrue(name.matches("[a-z][a-z0-9-]*"), name);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void onlyRemovesKeys(RefinerCase refinerCase) {
        Random random = new Random(1);
        for (MaskBase base : MaskBase.values()) {
            forEachTile(refinerCase, (refiner, tile, mask) -> {
                reset(mask, base, tile);
                removeSome(mask, random);
                String before = RefinerSession.draw(mask);
                refiner.refine(tile, mask);
                assertIsSubset(mask, before);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void removesKeysInAPromptOrInDecoding(RefinerCase refinerCase) {
        RefinerSession session = session(refinerCase, 1);
        RefinerSession dense = new RefinerSession(keepEverything(), refinerCase.layers(), CONTEXT, 1);
        List<String> refined = new ArrayList<>(session.append(PROMPT, AttentionPhase.PREFILL));
        List<String> kept = new ArrayList<>(dense.append(PROMPT, AttentionPhase.PREFILL));
        refined.addAll(session.append(1, AttentionPhase.DECODE));
        kept.addAll(dense.append(1, AttentionPhase.DECODE));
        assertNotEquals(kept, refined, "the case does not exercise the refiner");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void commutesWithOtherRefinersOfItsPhase(RefinerCase refinerCase) {
        boolean content = refinerCase.decide(provider()).phase() == RefinerPhase.CONTENT;
        forEachTile(refinerCase, (refiner, tile, mask) -> {
            reset(mask, MaskBase.CAUSAL, tile);
            beginContent(mask, content);
            refiner.refine(tile, mask);
            removeSome(mask, new Random(tile.firstPosition()));
            String first = RefinerSession.draw(mask);
            reset(mask, MaskBase.CAUSAL, tile);
            beginContent(mask, content);
            removeSome(mask, new Random(tile.firstPosition()));
            refiner.refine(tile, mask);
            assertEquals(first, RefinerSession.draw(mask));
        });
    }

    private static void beginContent(AttentionMask mask, boolean content) {
        if (content) {
            mask.beginContent();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void removesNothingWhereItDoesNotEngage(RefinerCase refinerCase) {
        forEachTile(refinerCase, (refiner, tile, mask) -> {
            reset(mask, MaskBase.CAUSAL, tile);
            if (!refiner.engages(tile.layer(), tile.phase(), mask.keyCount())) {
                refiner.refine(tile, mask);
                assertEquals(mask.baseKeys(), mask.keptKeys());
            }
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void twoWorkersGiveTheMasksOfOne(RefinerCase refinerCase) {
        RefinerSession one = session(refinerCase, 1);
        RefinerSession two = session(refinerCase, 2);
        for (int chunk : new int[]{200, 150, 150, 1, 1}) {
            AttentionPhase phase = chunk == 1 ? AttentionPhase.DECODE : AttentionPhase.PREFILL;
            assertEquals(one.append(chunk, phase), two.append(chunk, phase));
        }
        assertEquals(one.refiner().selectionCost(), two.refiner().selectionCost());
        assertTrue(one.refiner().selectionCost() >= 0);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void truncatingAndAppendingAgainEqualsNeverHavingAppended(RefinerCase refinerCase) {
        for (int kept : new int[]{0, 1, 63, 64, 250, 479}) {
            RefinerSession straight = session(refinerCase, 1);
            RefinerSession truncated = session(refinerCase, 1);
            if (kept > 0) {
                straight.append(kept, AttentionPhase.PREFILL);
                truncated.append(kept, AttentionPhase.PREFILL);
            }
            truncated.continueWith(1);
            truncated.append(100, AttentionPhase.PREFILL);
            truncated.append(1, AttentionPhase.DECODE);
            truncated.truncate(kept);
            truncated.continueWith(0);
            assertSameFromNowOn(straight, truncated, 100);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void hearingOfAllKeysAtOnceEqualsHearingOfThemInPieces(RefinerCase refinerCase) {
        RefinerSession pieces = session(refinerCase, 1);
        pieces.append(333, AttentionPhase.PREFILL);
        for (int step = 0; step < 70; step++) {
            pieces.append(1, AttentionPhase.DECODE);
        }
        RefinerSession atOnce = session(refinerCase, 1);
        atOnce.appendUntold(403);
        atOnce.tellAll();
        assertSameFromNowOn(pieces, atOnce, 90);
    }

    private static void assertSameFromNowOn(RefinerSession expected, RefinerSession actual, int prompt) {
        assertEquals(expected.append(prompt, AttentionPhase.PREFILL), actual.append(prompt, AttentionPhase.PREFILL));
        for (int step = 0; step < 20; step++) {
            assertEquals(expected.append(1, AttentionPhase.DECODE), actual.append(1, AttentionPhase.DECODE));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void allocatesNothingAfterWarmUp(RefinerCase refinerCase) {
        RefinerSession session = session(refinerCase, 1);
        session.append(PROMPT, AttentionPhase.PREFILL);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<SimpleAttentionTile> tiles = new ArrayList<>();
        for (LayerSpec layer : refinerCase.layers()) {
            tiles.addAll(session.tiles(layer, PROMPT - 64, 64));
            tiles.addAll(session.tiles(layer, PROMPT - 1, 1));
        }
        AttentionMask mask = new AttentionMask();
        long before = 0;
        for (int round = 0; round < 6; round++) {
            if (round == 3) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            session.refiner().truncated(PROMPT - 100);
            for (SimpleAttentionTile tile : tiles) {
                session.refiner().keysAppended(tile.layer(), tile.kvHead(), tile.keyValues(), PROMPT - 100, PROMPT);
                session.refiner().beginLayer(tile.layer(), tile.phase(), tile.firstPosition(), tile.positionCount());
                reset(mask, MaskBase.CAUSAL, tile);
                session.refiner().refine(tile, mask);
            }
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 4096, "allocated " + allocated + " bytes in three rounds"); // iterators over the list of tiles, the counter itself
    }

    /** Something to check for a tile. */
    private interface TileCheck {
        void check(MaskRefiner refiner, AttentionTile tile, AttentionMask mask);
    }

    /** Runs a check on full, odd and single-query tiles, each with all keys up to its last query. */
    private void forEachTile(RefinerCase refinerCase, TileCheck check) {
        RefinerSession session = session(refinerCase, 1);
        AttentionMask mask = new AttentionMask();
        int done = 0;
        for (int chunk : new int[]{64, 37, 300, 99, 1, 1}) {
            AttentionPhase phase = chunk == 1 ? AttentionPhase.DECODE : AttentionPhase.PREFILL;
            session.append(chunk, phase);
            for (LayerSpec layer : refinerCase.layers()) {
                session.tiles(layer, done, chunk).forEach(tile -> check.check(session.refiner(), tile, mask));
            }
            done += chunk;
        }
    }

    private static void reset(AttentionMask mask, MaskBase base, AttentionTile tile) {
        mask.reset(base, tile.headCount(), tile.firstPosition(), tile.positionCount(), 0, tile.keyValues().keyCount());
    }

    /** Removes single bits, ranges, columns and blocks. */
    private static void removeSome(AttentionMask mask, Random random) {
        for (int head = 0; head < mask.headCount(); head++) {
            for (int query = 0; query < mask.queryCount(); query++) {
                mask.remove(head, query, random.nextInt(mask.blockCount()), random.nextLong());
            }
            mask.removeRange(head, random.nextInt(mask.queryCount()), 0, random.nextInt(mask.keyCount()));
            mask.retainColumns(head, random.nextInt(mask.blockCount()), random.nextLong());
            mask.removeBlock(head, random.nextInt(mask.blockCount()));
        }
    }

    private static void assertIsSubset(AttentionMask mask, String drawnBefore) {
        String[] words = drawnBefore.split(" ", -1);
        int next = 0;
        for (int head = 0; head < mask.headCount(); head++) {
            for (int query = 0; query < mask.queryCount(); query++) {
                for (int block = 0; block < mask.blockCount(); block++) {
                    long before = Long.parseUnsignedLong(words[next++], 16);
                    assertEquals(0, mask.word(head, query, block) & ~before, "a bit was set");
                }
            }
        }
    }

    private static RefinerDecision.Applies keepEverything() {
        return new RefinerDecision.Applies(RefinerPhase.POSITIONAL, false, Map.of(), context -> (tile, mask) -> {});
    }
}
