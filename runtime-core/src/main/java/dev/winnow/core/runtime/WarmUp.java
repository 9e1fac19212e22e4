package dev.winnow.core.runtime;

import dev.winnow.api.Cancellation;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufTensor;
import dev.winnow.core.model.Backends;
import dev.winnow.core.model.LoadedWeights;
import dev.winnow.core.model.ModelSpec;
import dev.winnow.core.model.SmallModel;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.spi.GgmlType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs a small model on a thread of its own, so that the JVM compiles what the real one is about to need: interpreted, kernels are a thousand times slower. It has
 * backends of its own and shares nothing with the real model.
 */
abstract class WarmUp implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(WarmUp.class.getName());

    /** By then the compiler is done, or busy with other things. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Original original;
    private volatile boolean closed;
    private long end;

    WarmUp(Original original) {
        this.original = original;
    }

    /**
     * The real model.
     *
     * @param file     where the storage formats of its matrices are read
     * @param spec     what it computes
     * @param backends makes backends like the real ones for one worker
     */
    record Original(GgufFile file, ModelSpec spec, Supplier<Backends> backends) {

        /** Returns the storage formats of matrices that the backend computes with. */
        private List<GgmlType> types(Backends own) {
            return file.tensors().stream().filter(tensor -> tensor.shape().size() > 1).map(GgufTensor::type)
                    .flatMap(Optional::stream).distinct().filter(type -> own.linear().unsupported(type).isEmpty()).toList();
        }
    }

    /** Starts the thread. */
    final void start() {
        Thread thread = new Thread(this::run, "winnow-warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        end = System.nanoTime() + LONGEST.toNanos();
        try (WorkerPool pool = new WorkerPool(1)) {
            Backends own = original.backends().get();
            List<GgmlType> types = original.types(own);
            if (!types.isEmpty()) {
                pool.acquire(Cancellation.never());
                warm(SmallModel.like(original.spec(), types, own.linear()), own, pool);
                pool.release();
            }
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) { // nothing depends on it
            LOGGER.log(System.Logger.Level.DEBUG, "The code was not warmed up", e);
        }
    }

    /** Runs the model while it {@link #goesOn}. */
    abstract void warm(LoadedWeights model, Backends backends, WorkerPool pool);

    final boolean goesOn() {
        return !closed && System.nanoTime() - end < 0;
    }

    /** Lets the thread end soon. */
    @Override
    public void close() {
        closed = true;
    }
}
