package dev.winnow.cpu;

import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.contract.AttentionBackendContract;

final class CpuAttentionTest extends AttentionBackendContract {

    @Override
    protected AttentionBackend create(BackendContext context) {
        return new CpuAttentionBackendProvider().create(context);
    }
}
