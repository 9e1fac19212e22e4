package dev.winnow.core.runtime;

import dev.winnow.api.Cancellation;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.core.cache.KvCache;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufTensor;
import dev.winnow.core.model.Backends;
import dev.winnow.core.model.ForwardPass;
import dev.winnow.core.model.LoadedWeights;
import dev.winnow.core.model.ModelSpec;
import dev.winnow.core.model.SmallModel;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.spi.GgmlType;
import dev.winnow.spi.KvType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs a small model on a thread of its own while the real one is being opened, so that the JVM has compiled the kernels, or is about to, when the first prompt
 * comes: interpreted, they are a thousand times slower. It has backends of its own and shares nothing with the real model.
 */
final class KernelWarmUp implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(KernelWarmUp.class.getName());

    /** By then the compiler is done, or busy with other things. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    /** Prompts, in turn, that no kernel takes at once: every size of tile has a part in one of them. The longest goes first. */
    private static final int[] PROMPTS = {6 + 4 + 1, 6 + 2};

    /** Tokens generated after each prompt. */
    private static final int GENERATED = 4;

    /** Positions after which the session is cut: a few whole pages. */
    private static final int CONTEXT = 256;

    /** Prompts and generations after which the compiler has seen enough: it takes a method on after some thousand calls or loops. */
    private static final int ROUNDS = 400;

    private final GgufFile file;
    private final ModelSpec spec;
    private final Supplier<Backends> backends;
    private volatile boolean ended;

    private KernelWarmUp(GgufFile file, ModelSpec spec, Supplier<Backends> backends) {
        this.file = file;
        this.spec = spec;
        this.backends = backends;
    }

    /**
     * Starts the thread.
     *
     * @param backends makes backends for one worker
     */
    static KernelWarmUp start(GgufFile file, ModelSpec spec, Supplier<Backends> backends) {
        KernelWarmUp warmUp = new KernelWarmUp(file, spec, backends);
        Thread thread = new Thread(warmUp::run, "winnow-warm-up");
        thread.setDaemon(true);
        thread.start();
        return warmUp;
    }

    @Override
    public void close() {
        ended = true;
    }

    private void run() {
        try (WorkerPool pool = new WorkerPool(1)) {
            Backends own = backends.get();
            List<GgmlType> types = file.tensors().stream().filter(tensor -> tensor.shape().size() > 1).map(GgufTensor::type)
                    .flatMap(Optional::stream).distinct().filter(type -> own.linear().unsupported(type).isEmpty()).toList();
            if (!types.isEmpty()) {
                warm(SmallModel.like(spec, types, own.linear()), own, pool);
            }
        } catch (RuntimeException | LinkageError e) {
            LOGGER.log(System.Logger.Level.DEBUG, "The kernels were not warmed up", e);
        }
    }

    private void warm(LoadedWeights model, Backends own, WorkerPool pool) {
        KvCache cache = new KvCache(model.spec().layers(), KvType.F16);
        ForwardPass pass = new ForwardPass(model, own, pool, cache, List.of(), RefinerErrors.FAIL, CONTEXT, PROMPTS[0]);
        pass.silence();
        int[] tokens = new int[PROMPTS[0]];
        long end = System.nanoTime() + LONGEST.toNanos();
        pool.acquire(Cancellation.never());
        for (int round = 0; round < ROUNDS && !ended && System.nanoTime() < end; round++) {
            int prompt = PROMPTS[round % PROMPTS.length];
            if (cache.length() + prompt + GENERATED > CONTEXT) {
                cache.clear();
            }
            cache.grow(prompt);
            pass.append(tokens, 0, prompt, LogitsConsumer.NONE, true);
            for (int i = 0; i < GENERATED && !ended; i++) {
                cache.grow(1);
                pass.append(tokens, 0, 1, LogitsConsumer.NONE, true);
            }
        }
        pool.release();
        cache.clear();
    }
}
