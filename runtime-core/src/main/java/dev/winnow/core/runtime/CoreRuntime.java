package dev.winnow.core.runtime;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.ProviderReport;
import dev.winnow.api.WinnowException;
import dev.winnow.core.events.ModelLoadEvent;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufTensor;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.core.plugin.PluginRegistry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The runtime: plug-ins and workers. */
final class CoreRuntime implements InferenceRuntime {

    private final PluginRegistry plugins;
    private final WorkerPool pool;
    private final Closeable jars;

    /**
     * Creates a runtime.
     *
     * @param jars where classes of the plug-ins come from; closed with the runtime
     */
    CoreRuntime(int threads, PluginRegistry plugins, Closeable jars) {
        this.plugins = plugins;
        this.pool = new WorkerPool(threads);
        this.jars = jars;
    }

    @Override
    public int threads() {
        return pool.size();
    }

    @Override
    public List<ProviderReport> providers() {
        return plugins.reports();
    }

    @Override
    public List<String> activity() {
        return pool.activity().clauses();
    }

    @Override
    public Model load(Path file, ModelOptions options) {
        if (pool.isClosed()) {
            throw new IllegalStateException("The runtime was closed.");
        }
        ModelLoadEvent event = new ModelLoadEvent();
        event.begin();
        GgufFile gguf = GgufFile.open(file);
        try {
            MemoryCheck.require(file, gguf.tensors().stream().mapToLong(GgufTensor::byteSize).sum());
            CoreModel model = new CoreModel(gguf, options, plugins, pool);
            if (event.shouldCommit()) {
                event.file = file.toString();
                event.architecture = model.info().architecture();
                event.weightBytes = model.info().bytes();
                event.attentionBackend = model.backends().get(0);
                event.linearBackend = model.backends().get(1);
                event.elementwiseBackend = model.backends().get(2);
                event.commit();
            }
            return model;
        } catch (WinnowException e) {
            gguf.close();
            throw new WinnowException(e.kind(), sentence(file, String.valueOf(e.getMessage())), e);
        } catch (RuntimeException | Error e) {
            gguf.close();
            throw e;
        }
    }

    /** A sentence that names the file. */
    private static String sentence(Path file, String message) {
        String name = String.valueOf(file.getFileName());
        return (message.contains(name) ? "" : name + ": ") + message + (message.endsWith(".") ? "" : ".");
    }

    @Override
    public void close() {
        pool.close();
        try {
            jars.close();
        } catch (IOException e) {
            System.getLogger(CoreRuntime.class.getName()).log(System.Logger.Level.WARNING, "A plug-in''s jar failed to close: {0}", e);
        }
    }
}
