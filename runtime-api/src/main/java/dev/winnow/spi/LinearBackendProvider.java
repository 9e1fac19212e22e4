package dev.winnow.spi;

/** Service: creates a {@link LinearBackend}. */
public interface LinearBackendProvider extends BackendProvider {

    /** Returns a new backend for one runtime. */
    LinearBackend create(BackendContext context);
}
