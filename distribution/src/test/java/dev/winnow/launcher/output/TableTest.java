package dev.winnow.launcher.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

    private final Table table = new Table(Column.text("test", "test"), Column.number("n_prompt", "prompt"),
            Column.decimal("avg_ts", "t/s", 2),
            Column.text("ids", "ids"), Column.text("empty", "nothing"));

    TableTest() {
        table.row("pp512, \"deep\" | é", 512, 1234.5678, List.of("a", "b"), null);
        table.row("tg128", 0L, Double.NaN, List.of(), null);
    }

    private String written(OutputFormat format) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        table.write(new Console(InputStream.nullInputStream(), bytes, java.io.OutputStream.nullOutputStream(), false, false, false),
                format);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void markdownAlignsNumbersEscapesBarsAndLeavesOutEmptyColumns() {
        assertEquals("""
                | test               | prompt |     t/s | ids  |
                | ------------------ | -----: | ------: | ---- |
                | pp512, "deep" \\| é |    512 | 1234.57 | a, b |
                | tg128              |      0 |     NaN |      |
                """, written(OutputFormat.md));
    }

    @Test
    void jsonKeepsEveryDigitAndHasNoNumberThatJsonDoesNotHave() {
        assertEquals("""
                [
                  {
                    "test" : "pp512, \\"deep\\" | é",
                    "n_prompt" : 512,
                    "avg_ts" : 1234.5678,
                    "ids" : [
                      "a",
                      "b"
                    ],
                    "empty" : null
                  },
                  {
                    "test" : "tg128",
                    "n_prompt" : 0,
                    "avg_ts" : null,
                    "ids" : [ ],
                    "empty" : null
                  }
                ]
                """, written(OutputFormat.json));
    }

    @Test
    void jsonLinesHaveOneObjectEach() {
        assertEquals("""
                {"test":"pp512, \\"deep\\" | é","n_prompt":512,"avg_ts":1234.5678,"ids":["a","b"],"empty":null}
                {"test":"tg128","n_prompt":0,"avg_ts":null,"ids":[],"empty":null}
                """, written(OutputFormat.jsonl));
    }

    @Test
    void csvQuotesWhatNeedsIt() {
        assertEquals("""
                test,n_prompt,avg_ts,ids,empty
                "pp512, ""deep"" | é",512,1234.5678,"a, b",
                tg128,0,NaN,,
                """, written(OutputFormat.csv));
    }

    @Test
    void anEmptyTableStillHasItsHeader() {
        assertEquals("| id  |\n| --- |\n", new Table(Column.text("id", "id")).markdown());
    }

    @Test
    void aRowOfAnotherLengthIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> table.row("x"));
    }
}
