package dev.winnow.launcher;

import dev.winnow.core.cdi.RuntimeProducer;
import dev.winnow.core.cdi.RuntimeSettings;
import dev.winnow.launcher.output.Console;
import jakarta.enterprise.context.spi.CreationalContext;
import jakarta.enterprise.inject.spi.AnnotatedType;
import jakarta.enterprise.inject.spi.BeanManager;
import org.jboss.weld.environment.se.Weld;
import org.jboss.weld.environment.se.WeldContainer;

/**
 * The composition root: a CDI container with exactly the beans that are named here, which fills in what a parsed command asks for with {@code @Inject}. It is
 * started after the command line was understood, so help, versions and usage errors do not wait for it.
 */
final class Container implements AutoCloseable {

    private final WeldContainer weld;

    private Container(WeldContainer weld) {
        this.weld = weld;
    }

    /**
     * Starts the container.
     *
     * @param settings settings of the runtime, which is only created for a command that asks for it
     */
    static Container start(Console console, RuntimeSettings settings) {
        System.setProperty("org.jboss.logging.provider", "jdk"); // do not search the class path for other logging libraries
        System.setProperty("org.jboss.weld.xml.disableValidating", "true"); // there is no beans.xml, and its schema takes a quarter of the container's start
        Weld weld = new Weld().disableDiscovery().addBeanClass(RuntimeProducer.class).addExtension(new LauncherBeans(console, settings))
                // A handful of beans is validated faster than a thread pool is started.
                .property("org.jboss.weld.bootstrap.concurrentDeployment", false)
                .property(Weld.SHUTDOWN_HOOK_SYSTEM_PROPERTY, false);
        return new Container(weld.initialize());
    }

    /** Fills in the fields of a command that are annotated with {@code @Inject}. */
    <T> void inject(Class<T> type, T command) {
        BeanManager beans = weld.getBeanManager();
        AnnotatedType<T> annotated = beans.createAnnotatedType(type);
        CreationalContext<T> context = beans.createCreationalContext(null);
        beans.getInjectionTargetFactory(annotated).createInjectionTarget(null).inject(command, context);
    }

    @Override
    public void close() {
        weld.close();
    }
}
