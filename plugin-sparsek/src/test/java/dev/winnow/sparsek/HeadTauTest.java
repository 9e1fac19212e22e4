package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.SimpleAttentionTile;
import dev.winnow.spi.contract.TestLayers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadTauTest {

    private static final List<LayerSpec> LAYERS = List.of(TestLayers.layer(0, 4, 2, 32, 0), TestLayers.layer(1, 4, 2, 32, 0));

    @Test
    void readsLevelsAndDigits() {
        HeadTau taus = HeadTau.parse("0/0.9/1:0122.", LAYERS);
        assertEquals(0, taus.of(LAYERS.get(0), 0));
        assertEquals(0.9, taus.of(LAYERS.get(0), 1));
        assertEquals(1, taus.of(LAYERS.get(0), 3));
        assertTrue(taus.removes(LAYERS.get(0)));
        assertFalse(taus.removes(LAYERS.get(1)), "a layer without digits keeps everything");
        assertEquals("0/0.9/1:0122.", taus.toString());
    }

    @ParameterizedTest
    @CsvSource({"0/1, has no ':'", "0/1:0000, 1 layers", "0/1:000.0000, 3 digits", "0/1:0200.0000, 'not the number'",
            "0/x:0000.0000, 'x'", "0/2:0000.0000, numbers from 0 to 1", "'0/0/0/0/0/0/0/0/0/0/0:0000.0000', 'up to 10'"})
    void saysWhatIsWrong(String text, String reason) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> HeadTau.parse(text, LAYERS));
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }

    @Test
    void headsKeepWhatTheirTauSays() {
        Random random = new Random(7);
        LayerSpec layer = TestLayers.layer(0, 3, 1, 32, 0);
        InMemoryKeyValues keyValues = TestTiles.clusteredKeys(random, KvType.F16, 32, 576);
        SimpleAttentionTile tile = TestTiles.tile(random, layer, keyValues, 512, 64, false);
        AttentionMask mixed = mask(tile, layer, "head-tau=0/0.7/1:012");
        AttentionMask common = mask(tile, layer, "tau=0.7");
        for (int query = 0; query < 64; query++) {
            for (int key = 0; key < 576; key++) {
                boolean fixed = key < 64 || key >= 512;
                boolean permitted = key <= 512 + query;
                assertEquals(fixed && permitted, mixed.keeps(0, query, key), "sinks and the tile's own keys");
                assertEquals(common.keeps(1, query, key), mixed.keeps(1, query, key));
                assertEquals(permitted, mixed.keeps(2, query, key), "everything");
            }
        }
        assertTrue(common.keptKeys() < common.baseKeys());
    }

    private static AttentionMask mask(SimpleAttentionTile tile, LayerSpec layer, String settings) {
        MaskRefiner refiner = SparseKDefinitionTest.refiner("prefill=blocks,block=4,sinks=64,min-context=0," + settings, layer, 700);
        refiner.keysAppended(layer, 0, tile.keyValues(), 0, 576);
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 3, 512, 64, 0, 576);
        refiner.refine(tile, mask);
        return mask;
    }
}
