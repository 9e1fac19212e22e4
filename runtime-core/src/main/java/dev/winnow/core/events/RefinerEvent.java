package dev.winnow.core.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** What one mask refiner removed in one layer and chunk; keys are (query head, query, key) triples. */
@Name("dev.winnow.Refiner")
@Label("Mask Refiner")
@Description("What one mask refiner removed in one layer and chunk; keys are (query head, query, key) triples.")
@Category("Winnow")
@StackTrace(false)
public final class RefinerEvent extends Event {

    /** Refiner. */
    @Label("Refiner")
    public String refiner = "";

    /** Layer. */
    @Label("Layer")
    public int layer;

    /** Phase. */
    @Label("Phase")
    public String phase = "";

    /** Keys Before. */
    @Label("Keys Before")
    public long keysBefore;

    /** Keys After. */
    @Label("Keys After")
    public long keysAfter;

    /** Kept Ratio. */
    @Label("Kept Ratio")
    public double keptRatio;

    /** Creates an event that has not begun. */
    public RefinerEvent() {}
}
