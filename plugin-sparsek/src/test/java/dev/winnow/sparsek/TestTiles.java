package dev.winnow.sparsek;

import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.SimpleAttentionTile;
import java.util.Random;

/** Random tiles. */
final class TestTiles {

    private TestTiles() {}

    /** Returns keys of small integers, every third of which repeats an earlier one: dot products are exact in any order, and ties are frequent. */
    static InMemoryKeyValues integerKeys(Random random, KvType type, int dim, int count) {
        InMemoryKeyValues keyValues = new InMemoryKeyValues(type, dim, dim);
        float[] key = new float[dim];
        for (int position = 0; position < count; position++) {
            if (position > 0 && random.nextInt(3) == 0) {
                keyValues.copyKey(random.nextInt(position), key, 0);
            } else {
                for (int c = 0; c < dim; c++) {
                    key[c] = random.nextInt(5) - 2;
                }
            }
            keyValues.append(key, 0, key, 0);
        }
        return keyValues;
    }

    /** Returns normally distributed keys around a few centres, which neighbours share. */
    static InMemoryKeyValues clusteredKeys(Random random, KvType type, int dim, int count) {
        InMemoryKeyValues keyValues = new InMemoryKeyValues(type, dim, dim);
        float[] centre = new float[dim];
        float[] key = new float[dim];
        for (int position = 0; position < count; position++) {
            for (int c = 0; c < dim; c++) {
                centre[c] = position % 24 == 0 ? (float) random.nextGaussian() * 1.5f : centre[c];
                key[c] = centre[c] + (float) random.nextGaussian();
            }
            keyValues.append(key, 0, key, 0);
        }
        return keyValues;
    }

    static SimpleAttentionTile tile(Random random, LayerSpec layer, InMemoryKeyValues keyValues, int first, int queries, boolean integers) {
        int gap = random.nextInt(5);
        float[] values = new float[gap + queries * layer.attention().groupSize() * layer.attention().keyDim()];
        for (int i = 0; i < values.length; i++) {
            values[i] = integers ? random.nextInt(5) - 2 : (float) random.nextGaussian();
        }
        return new SimpleAttentionTile(layer, 0, first, queries, values, gap, keyValues, 0);
    }

    /** Returns the sum of products of a query and a key, in the order of their dimensions. */
    static double score(SimpleAttentionTile tile, int head, int query, int position) {
        int dim = tile.layer().attention().keyDim();
        float[] key = new float[dim];
        tile.keyValues().copyKey(position, key, 0);
        double sum = 0;
        for (int c = 0; c < dim; c++) {
            sum += (double) tile.queries()[tile.queryOffset(head, query) + c] * key[c];
        }
        return sum;
    }
}
