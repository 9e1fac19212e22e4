package dev.winnow.launcher;

import dev.winnow.core.cdi.RuntimeSettings;
import dev.winnow.launcher.output.Console;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.inject.Singleton;

/** Makes beans of what exists before the container does: the console, and the settings of the runtime as the command line gave them. */
final class LauncherBeans implements Extension {

    private final Console console;
    private final RuntimeSettings settings;

    LauncherBeans(Console console, RuntimeSettings settings) {
        this.console = console;
        this.settings = settings;
    }

    void add(@Observes AfterBeanDiscovery event) {
        event.<Console>addBean().types(Console.class).scope(Singleton.class).createWith(context -> console);
        event.<RuntimeSettings>addBean().types(RuntimeSettings.class).scope(Singleton.class).createWith(context -> settings);
    }
}
