package dev.winnow.core.cache;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Asks Linux for pages of 2 MB. Sparse attention reads 2 KB here and 2 KB there, each in another page of 4 KB, whose address the processor has to look up in
 * memory again; with large pages it knows them all. Elsewhere, and where Java may not call the C library, nothing happens.
 */
final class HugePages {

    /** Size and alignment of a large page of x86 and of most other processors. */
    static final long BYTES = 2 << 20;

    private static final int DONT_NEED = 4; // MADV_DONTNEED
    private static final int HUGE_PAGE = 14; // MADV_HUGEPAGE

    private static final @Nullable MethodHandle ADVISE = find();

    private HugePages() {}

    @SuppressWarnings("restricted") // checked
    private static @Nullable MethodHandle find() {
        if (!System.getProperty("os.name").equals("Linux") || !HugePages.class.getModule().isNativeAccessEnabled()) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find("madvise").map(function -> linker.downcallHandle(function,
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT)))
                .orElse(null);
    }

    /**
     * Has memory put into large pages when it is written the next time.
     *
     * @param zeros memory from outside the heap that holds nothing but zeros, with a length and an alignment of whole large pages
     */
    static void use(MemorySegment zeros) {
        // The small pages in which the memory lies were made when it was zeroed: they are given back, for others that are zero as well.
        if (ADVISE != null && advise(ADVISE, zeros, HUGE_PAGE) == 0) {
            advise(ADVISE, zeros, DONT_NEED);
        }
    }

    private static int advise(MethodHandle function, MemorySegment memory, int advice) {
        try {
            return (int) function.invokeExact(memory, memory.byteSize(), advice);
        } catch (Throwable e) { // what a method handle declares, and this one does not throw
            throw new IllegalStateException(e);
        }
    }
}
