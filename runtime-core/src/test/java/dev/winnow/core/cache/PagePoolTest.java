package dev.winnow.core.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of memory: zeroed when they are taken, apart from each other, in the first slab as in those of large pages. */
final class PagePoolTest {

    private static final MemorySegment ZEROS = Arena.ofAuto().allocate(20 << 20);

    /** 16 KB is a page of 64 keys and values with 64 dimensions of F16; the others do not divide a slab, or are larger than one. */
    @ParameterizedTest
    @ValueSource(longs = {16 << 10, 17_472, 9 << 20})
    void pagesAreZeroedAndApart(long pageBytes) {
        PagePool pool = new PagePool(pageBytes);
        List<MemorySegment> pages = new ArrayList<>();
        for (long taken = 0; taken < 24 << 20; taken += pageBytes) {
            MemorySegment page = pool.take();
            assertZero(page);
            pages.add(page.fill((byte) (pages.size() + 1)));
        }
        for (int i = 0; i < pages.size(); i++) {
            MemorySegment page = pages.get(i);
            assertEquals((byte) (i + 1), page.get(ValueLayout.JAVA_BYTE, 0));
            assertEquals((byte) (i + 1), page.get(ValueLayout.JAVA_BYTE, page.byteSize() - 1));
            assertEquals(0, page.address() % 64);
        }
        pages.forEach(pool::give);
        for (int i = 0; i < pages.size(); i++) {
            assertZero(pool.take());
        }
    }

    @Test
    void largePagesHoldZerosAndThenWhatIsWritten() {
        MemorySegment memory = Arena.ofAuto().allocate(2 * HugePages.BYTES, HugePages.BYTES);
        HugePages.use(memory);
        assertEquals(-1, memory.mismatch(ZEROS.asSlice(0, memory.byteSize())));
        memory.fill((byte) 7);
        assertEquals(7, memory.get(ValueLayout.JAVA_BYTE, memory.byteSize() - 1));
    }

    private static void assertZero(MemorySegment page) {
        assertEquals(-1, page.mismatch(ZEROS.asSlice(0, page.byteSize())));
    }
}
