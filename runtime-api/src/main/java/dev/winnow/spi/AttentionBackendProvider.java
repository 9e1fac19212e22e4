package dev.winnow.spi;

/** Service: creates an {@link AttentionBackend}. */
public interface AttentionBackendProvider extends BackendProvider {

    /** Returns a new backend for one runtime. */
    AttentionBackend create(BackendContext context);
}
