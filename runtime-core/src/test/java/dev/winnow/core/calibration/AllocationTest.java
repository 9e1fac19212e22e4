package dev.winnow.core.calibration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.contract.TestLayers;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllocationTest {

    private static final List<LayerSpec> LAYERS = List.of(TestLayers.layer(0, 2, 1, 32, 0), TestLayers.layer(1, 2, 1, 32, 16));

    /** Head 0 gains by keeping more, head 1 loses nothing by keeping little; layer 1 is not measured. */
    private static HeadDamage damage() {
        HeadDamage damage = new HeadDamage(LAYERS, Levels.count());
        double[] none = new double[Levels.count()];
        double[] falling = new double[Levels.count()];
        double[] kept = new double[Levels.count()];
        for (int level = 0; level < Levels.count(); level++) {
            falling[level] = level == Levels.count() - 1 ? 0 : Math.pow(4, -level);
            kept[level] = (level + 1.0) / Levels.count();
        }
        damage.add(0, 0, 1, falling, kept);
        damage.add(0, 1, 1, none, kept);
        return damage;
    }

    @Test
    void heavyDamageIsPaidForWithKeys() {
        int before = -1;
        for (double price : new double[]{0.01, 1, 10, 100, 1e6}) {
            int[][] levels = Allocation.choose(LAYERS, damage(), price);
            assertEquals(0, levels[0][1], "harmless");
            assertEquals(0, levels[1].length, "not measured");
            assertEquals(Math.max(before, levels[0][0]), levels[0][0], "a higher price keeps more");
            before = levels[0][0];
        }
        assertEquals(Levels.count() - 1, before, "at a high price everything");
        assertArrayEquals(new int[]{0, 0}, Allocation.choose(LAYERS, damage(), 0.01)[0]);
    }

    @Test
    void settingsNameALevelForEachHead() {
        Choice choice = new Choice(Levels.settings(LAYERS, new int[][]{{7, 0}, {}}), Choice.DENSE_GENERATION);
        String text = choice.settings().text("head-tau").orElseThrow();
        assertEquals(":70.", text.substring(text.indexOf(':')));
        assertEquals(Levels.count(), Arrays.asList(text.substring(0, text.indexOf(':')).split("/")).size());
    }
}
