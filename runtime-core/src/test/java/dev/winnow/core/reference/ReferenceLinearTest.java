package dev.winnow.core.reference;

import dev.winnow.spi.BackendContext;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.contract.LinearBackendContract;

final class ReferenceLinearTest extends LinearBackendContract {

    @Override
    protected LinearBackend backend(int workers) {
        return new ReferenceLinearProvider().create(new BackendContext(workers));
    }
}
