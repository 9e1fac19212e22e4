package dev.winnow.launcher;

import dev.winnow.core.cdi.RuntimeSettings;
import dev.winnow.launcher.output.Console;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** Makes beans of what exists before the container does: the console, and the settings of the runtime as the command line gave them. */
final class LauncherBeans implements Extension {

    private final Console console;
    private final @Nullable RuntimeSettings settings;

    LauncherBeans(Console console, @Nullable RuntimeSettings settings) {
        this.console = console;
        this.settings = settings;
    }

    void add(@Observes AfterBeanDiscovery event) {
        event.<Console>addBean().types(Console.class).scope(Singleton.class).createWith(context -> console);
        RuntimeSettings given = settings;
        if (given != null) {
            event.<RuntimeSettings>addBean().types(RuntimeSettings.class).scope(Singleton.class).createWith(context -> given);
        }
    }
}
