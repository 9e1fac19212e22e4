package dev.winnow.cpu.kernel;

import dev.winnow.spi.Availability;
import java.util.List;

/**
 * Answers whether the kernels of this plug-in can run in this JVM. Refers to {@link VectorSupport}, and with it to the Vector API, only after the module was
 * found: a JVM without the module gets a reason instead of a {@link LinkageError}.
 */
public final class VectorAvailability {

    /** The property that narrows the vectors, for tests and comparisons: {@code 128}, {@code 256} or {@code 512}. */
    static final String BITS_PROPERTY = "dev.winnow.cpu.vector-bits";

    /**
     * The property that says how many vector registers the tiles of kernels are made for, {@code 16} or {@code 32}, for tests of the tiles of other machines:
     * without it, 32 with 512 bits and on 64-bit ARM, and otherwise 16. Results differ by rounding only.
     */
    static final String REGISTERS_PROPERTY = "dev.winnow.cpu.vector-registers";

    private static final String MODULE = "jdk.incubator.vector";
    private static final List<String> WIDTHS = List.of("128", "256", "512");
    private static final List<String> REGISTERS = List.of("16", "32");

    private VectorAvailability() {}

    /** Returns whether the kernels work here. Never throws. */
    public static Availability probe() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return Availability.unavailable("the module " + MODULE + " is not resolved", "add --add-modules " + MODULE);
        }
        String bits = System.getProperty(BITS_PROPERTY);
        if (bits != null && !WIDTHS.contains(bits)) {
            return Availability.unavailable("the property " + BITS_PROPERTY + " is '" + bits + "'",
                    "set it to 128, 256 or 512, or leave it out");
        }
        String registers = System.getProperty(REGISTERS_PROPERTY);
        if (registers != null && !REGISTERS.contains(registers)) {
            return Availability.unavailable("the property " + REGISTERS_PROPERTY + " is '" + registers + "'",
                    "set it to 16 or 32, or leave it out");
        }
        // Without C2 every vector is an object on the heap, and the scalar reference backends are faster.
        String mode = System.getProperty("java.vm.info", "");
        if (mode.contains("interpreted") || mode.contains("emulated-client")) {
            return Availability.unavailable("the JVM runs without its optimising compiler (" + mode + ")",
                    "remove -Xint, -XX:TieredStopAtLevel and the like");
        }
        int widest = VectorSupport.widestBits();
        if (widest < 128) {
            return Availability.unavailable("this CPU or JVM has no float vectors of 128 bits", "use the reference backends");
        }
        if (bits != null && Integer.parseInt(bits) > widest) {
            return Availability.unavailable(
                    "the property " + BITS_PROPERTY + " is " + bits + ", but vectors here have at most " + widest + " bits",
                    "set it to " + widest + " or less, or leave it out");
        }
        return Availability.available();
    }
}
