package dev.winnow.core.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One token went through all layers. */
@Name("dev.winnow.Decode")
@Label("Decode")
@Description("One token went through all layers.")
@Category("Winnow")
@StackTrace(false)
public final class DecodeEvent extends Event {

    /** Position. */
    @Label("Position")
    public int position;

    /** Creates an event that has not begun. */
    public DecodeEvent() {}
}
