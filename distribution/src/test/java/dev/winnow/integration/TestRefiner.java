package dev.winnow.integration;

import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.RefinerRequest;
import java.util.Map;

/**
 * Offers a refiner to every model, without settings.
 *
 * @param id      name to ask for it by
 * @param phase   when it runs
 * @param warmsUp whether warm-ups may have one too
 * @param factory creates the refiner of one session
 */
record TestRefiner(String id, RefinerPhase phase, boolean warmsUp, RefinerDecision.Factory factory) implements MaskRefinerProvider {

    TestRefiner(String id, RefinerPhase phase, RefinerDecision.Factory factory) {
        this(id, phase, false, factory);
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public String description() {
        return "made for a test";
    }

    @Override
    public RefinerDecision decide(RefinerRequest request) {
        return new RefinerDecision.Applies(phase, false, Map.of(), factory);
    }
}
