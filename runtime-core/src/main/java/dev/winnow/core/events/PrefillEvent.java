package dev.winnow.core.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A chunk of a prompt went through all layers. */
@Name("dev.winnow.Prefill")
@Label("Prefill")
@Description("A chunk of a prompt went through all layers.")
@Category("Winnow")
@StackTrace(false)
public final class PrefillEvent extends Event {

    /** First Position. */
    @Label("First Position")
    public int firstPosition;

    /** Tokens. */
    @Label("Tokens")
    public int tokens;

    /** Creates an event that has not begun. */
    public PrefillEvent() {}
}
