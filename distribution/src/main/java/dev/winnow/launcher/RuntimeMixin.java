package dev.winnow.launcher;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.core.cdi.RuntimeProducer;
import dev.winnow.core.cdi.RuntimeSettings;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.Extension;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jboss.weld.environment.se.Weld;
import org.jboss.weld.environment.se.WeldContainer;
import picocli.CommandLine.Option;

/** The options of every command that needs a runtime, and the composition root: the one place of the launcher that knows CDI. */
final class RuntimeMixin {

    /** Held, because the logging manager itself holds loggers weakly and would forget the level. */
    private static final Logger CONTAINER_LOG = Logger.getLogger("org.jboss.weld");

    @Option(names = {"-t", "--threads"}, paramLabel = "N", defaultValue = "0", description = "Worker threads; 0: one per processor.")
    private int threads;

    @Option(names = "--plugin-path", paramLabel = "PATH", description = "Jar, or folder of jars, to search for plug-ins; repeatable.")
    private List<Path> pluginPaths = new ArrayList<>();

    @Option(names = "--disable-plugin", paramLabel = "ID", description = "Leave a plug-in out; repeatable.")
    private List<String> disabled = new ArrayList<>();

    /** Starts a container, gives its runtime to {@code work}, and stops both. */
    <T> T withRuntime(Function<InferenceRuntime, T> work) {
        CONTAINER_LOG.setLevel(Level.WARNING); // its start-up notes are of no use to the user
        RuntimeSettings settings = new RuntimeSettings(threads, pluginPaths, disabled);
        Weld weld = new Weld().disableDiscovery().addBeanClasses(RuntimeProducer.class).addExtension(new SettingsExtension(settings));
        try (WeldContainer container = weld.initialize()) {
            return work.apply(container.select(InferenceRuntime.class).get());
        }
    }

    /** Makes the options of the command line injectable. */
    private static final class SettingsExtension implements Extension {

        private final RuntimeSettings settings;

        SettingsExtension(RuntimeSettings settings) {
            this.settings = settings;
        }

        @SuppressWarnings("unused") // called by the container
        void addSettings(@Observes AfterBeanDiscovery discovery, BeanManager manager) {
            discovery.addBean().types(RuntimeSettings.class).scope(Dependent.class).createWith(context -> settings);
        }
    }
}
