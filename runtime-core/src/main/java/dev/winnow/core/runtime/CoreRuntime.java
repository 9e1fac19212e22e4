package dev.winnow.core.runtime;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.ProviderReport;
import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.core.plugin.PluginRegistry;
import java.nio.file.Path;
import java.util.List;

/** The runtime: plug-ins and workers. */
final class CoreRuntime implements InferenceRuntime {

    private final PluginRegistry plugins;
    private final WorkerPool pool;

    CoreRuntime(int threads, PluginRegistry plugins) {
        this.plugins = plugins;
        this.pool = new WorkerPool(threads);
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
    public Model load(Path file, ModelOptions options) {
        GgufFile gguf = GgufFile.open(file);
        try {
            return new CoreModel(gguf, options, plugins, pool);
        } catch (WinnowException e) {
            gguf.close();
            throw String.valueOf(e.getMessage()).startsWith(String.valueOf(file.getFileName()))
                    ? e
                    : new WinnowException(e.kind(), file.getFileName() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            gguf.close();
            throw e;
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
