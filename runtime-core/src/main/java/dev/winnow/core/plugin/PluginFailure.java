package dev.winnow.core.plugin;

/** What a plug-in has thrown. */
public final class PluginFailure {

    private PluginFailure() {}

    /**
     * Returns a failure as a clause of one line for a sentence that names the plug-in.
     *
     * @throws OutOfMemoryError if it is one: whose fault that is cannot be told
     */
    public static String clause(Throwable failure) {
        if (failure instanceof OutOfMemoryError error) {
            throw error;
        }
        return "failed: " + failure.toString().strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
