package dev.winnow.launcher;

import picocli.CommandLine.IVersionProvider;

/** Says which Winnow on which Java: the first thing that every report of a bug needs. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String version = Winnow.class.getPackage().getImplementationVersion();
        return new String[]{"winnow " + (version == null ? "(not packaged)" : version) + ", Java " + Runtime.version() + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch")};
    }
}
