package dev.winnow.launcher.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.winnow.core.eval.ReportFormat;
import org.junit.jupiter.api.Test;

class TableTest {

    private final Table table = new Table(Column.text("id", "id"), Column.number("n_params", "parameters"), Column.text("chosen", "in use"),
            Column.text("reason", "why not"));

    TableTest() {
        table.row("é \"x\" | y", 512, true, null);
        table.row("z", 1L << 40, false, null);
    }

    @Test
    void markdownIsAsWideAsItsCellsAndLeavesOutEmptyColumns() {
        assertEquals("""
                | id         |    parameters | in use |
                | ---------- | ------------: | ------ |
                | é "x" \\| y |           512 | yes    |
                | z          | 1099511627776 | no     |
                """, table.text(ReportFormat.MD));
    }

    @Test
    void jsonHasEveryFieldWithItsOwnType() {
        assertEquals("""
                {"id":"é \\"x\\" | y","n_params":512,"chosen":true,"reason":null}
                {"id":"z","n_params":1099511627776,"chosen":false,"reason":null}
                """, table.text(ReportFormat.JSONL));
    }

    @Test
    void anEmptyTableIsNothingForPeopleAndAnEmptyListForPrograms() {
        Table empty = new Table(Column.text("id", "id"));
        assertEquals("", empty.text(ReportFormat.MD));
        assertEquals("[]\n", empty.text(ReportFormat.JSON));
    }

    @Test
    void aRowOfAnotherLengthIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> table.row("x"));
    }
}
