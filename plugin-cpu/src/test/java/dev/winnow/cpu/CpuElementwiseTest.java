package dev.winnow.cpu;

import dev.winnow.spi.BackendContext;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.contract.ElementwiseBackendContract;

final class CpuElementwiseTest extends ElementwiseBackendContract {

    @Override
    protected ElementwiseBackend create(BackendContext context) {
        CpuAttentionTest.assumeAvailable();
        return new CpuElementwiseBackendProvider().create(context);
    }
}
