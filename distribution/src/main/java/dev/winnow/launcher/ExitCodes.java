package dev.winnow.launcher;

import dev.winnow.api.WinnowException;

/** Exit codes of the launcher; docs/cli.md lists them for users. */
final class ExitCodes {

    static final int OK = 0;
    static final int INTERNAL = 1;
    static final int USAGE = 2;
    static final int MODEL = 3;
    static final int UNSUPPORTED = 4;
    static final int RESOURCES = 5;
    static final int PLUGIN = 6;

    private ExitCodes() {}

    static int of(WinnowException failure) {
        return switch (failure.kind()) {
            case USAGE -> USAGE;
            case MODEL -> MODEL;
            case UNSUPPORTED -> UNSUPPORTED;
            case RESOURCES -> RESOURCES;
            case PLUGIN -> PLUGIN;
        };
    }
}
