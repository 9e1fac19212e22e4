package dev.winnow.core.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A model file was opened and prepared. */
@Name("dev.winnow.ModelLoad")
@Label("Model Load")
@Description("A model file was opened and prepared.")
@Category("Winnow")
@StackTrace(false)
public final class ModelLoadEvent extends Event {

    /** File. */
    @Label("File")
    public String file = "";

    /** Architecture. */
    @Label("Architecture")
    public String architecture = "";

    /** Weights. */
    @Label("Weights")
    @DataAmount
    public long weightBytes;

    /** Attention Backend. */
    @Label("Attention Backend")
    public String attentionBackend = "";

    /** Linear Backend. */
    @Label("Linear Backend")
    public String linearBackend = "";

    /** Elementwise Backend. */
    @Label("Elementwise Backend")
    public String elementwiseBackend = "";

    /** Creates an event that has not begun. */
    public ModelLoadEvent() {}
}
