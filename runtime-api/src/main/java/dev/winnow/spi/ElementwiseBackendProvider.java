package dev.winnow.spi;

/** Service: creates an {@link ElementwiseBackend}. */
public interface ElementwiseBackendProvider extends BackendProvider {

    /** Returns a new backend for one runtime. */
    ElementwiseBackend create(BackendContext context);
}
