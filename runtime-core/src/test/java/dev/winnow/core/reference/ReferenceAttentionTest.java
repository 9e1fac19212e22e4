package dev.winnow.core.reference;

import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.contract.AttentionBackendContract;

final class ReferenceAttentionTest extends AttentionBackendContract {

    @Override
    protected AttentionBackend create(BackendContext context) {
        return new ReferenceAttentionProvider().create(context);
    }
}
