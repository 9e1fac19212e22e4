package dev.winnow.core.attention;

import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;

/** The tile of one worker, set anew for each unit of work. */
final class CoreTile implements AttentionTile {

    private final int worker;
    private AttentionWork work;
    private int kvHead;
    private int firstQuery; // index in the chunk
    private int positionCount;

    CoreTile(int worker, AttentionWork work) {
        this.worker = worker;
        this.work = work;
    }

    void set(AttentionWork newWork, int newKvHead, int newFirstQuery, int newPositionCount) {
        this.work = newWork;
        this.kvHead = newKvHead;
        this.firstQuery = newFirstQuery;
        this.positionCount = newPositionCount;
    }

    int firstQuery() {
        return firstQuery;
    }

    @Override
    public LayerSpec layer() {
        return work.layer();
    }

    @Override
    public int kvHead() {
        return kvHead;
    }

    @Override
    public int headCount() {
        return work.layer().attention().groupSize();
    }

    @Override
    public int firstPosition() {
        return work.firstPosition() + firstQuery;
    }

    @Override
    public int positionCount() {
        return positionCount;
    }

    @Override
    public AttentionPhase phase() {
        return work.phase();
    }

    @Override
    public float[] queries() {
        return work.queries();
    }

    @Override
    public int queryOffset(int head, int query) {
        LayerSpec.Attention attention = work.layer().attention();
        return ((firstQuery + query) * attention.headCount() + firstHead() + head) * attention.keyDim();
    }

    @Override
    public KeyValues keyValues() {
        return work.cache().keyValues(work.layer().index(), kvHead);
    }

    @Override
    public int worker() {
        return worker;
    }
}
