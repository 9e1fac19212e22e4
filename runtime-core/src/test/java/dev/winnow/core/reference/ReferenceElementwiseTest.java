package dev.winnow.core.reference;

import dev.winnow.spi.BackendContext;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.contract.ElementwiseBackendContract;

final class ReferenceElementwiseTest extends ElementwiseBackendContract {

    @Override
    protected ElementwiseBackend create(BackendContext context) {
        return new ReferenceElementwiseProvider().create(context);
    }
}
