package dev.winnow.launcher;

import dev.winnow.api.WinnowException;

/** Exit codes of the launcher. Scripts rely on them: a code never changes its meaning. */
final class ExitCode {

    static final int OK = 0;
    static final int INTERNAL = 1;
    static final int USAGE = 2;
    static final int MODEL = 3;
    static final int UNSUPPORTED = 4;
    static final int RESOURCES = 5;
    static final int PLUGIN = 6;
    /** 128 + SIGPIPE, as of a native program whose reader went away. */
    static final int OUTPUT_CLOSED = 141;

    private ExitCode() {}

    static int of(WinnowException.Kind kind) {
        return switch (kind) {
            case USAGE -> USAGE;
            case MODEL -> MODEL;
            case UNSUPPORTED -> UNSUPPORTED;
            case RESOURCES -> RESOURCES;
            case PLUGIN -> PLUGIN;
        };
    }
}
