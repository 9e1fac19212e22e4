package dev.winnow.core.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The tiles of one layer and chunk: keys are (query head, query, key) triples, times are summed over workers. */
@Name("dev.winnow.Attention")
@Label("Attention")
@Description("The tiles of one layer and chunk: keys are (query head, query, key) triples, times are summed over workers.")
@Category("Winnow")
@StackTrace(false)
public final class AttentionEvent extends Event {

    /** Layer. */
    @Label("Layer")
    public int layer;

    /** Phase. */
    @Label("Phase")
    public String phase = "";

    /** Tiles. */
    @Label("Tiles")
    public int tiles;

    /** First Position. */
    @Label("First Position")
    public int firstPosition;

    /** Queries. */
    @Label("Queries")
    public int queries;

    /** Permitted Keys. */
    @Label("Permitted Keys")
    public long baseKeys;

    /** Kept Keys. */
    @Label("Kept Keys")
    public long keptKeys;

    /** Backend Time. */
    @Label("Backend Time")
    @Timespan(Timespan.NANOSECONDS)
    public long attentionNanos;

    /** Selection Time. */
    @Label("Selection Time")
    @Timespan(Timespan.NANOSECONDS)
    public long selectionNanos;

    /** Creates an event that has not begun. */
    public AttentionEvent() {}
}
