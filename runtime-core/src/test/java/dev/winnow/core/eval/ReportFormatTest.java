package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportFormatTest {

    private static final List<ReportColumn> COLUMNS = List.of(ReportColumn.text("model", 8), ReportColumn.number("t/s", 14));

    private static String written(ReportFormat format, int rows) {
        StringBuilder text = new StringBuilder();
        try (ReportWriter writer = format.writer(COLUMNS, text)) {
            for (int i = 0; i < rows; i++) {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("model_type", "a \"b\", c" + i);
                fields.put("avg_ts", i == 0 ? 1.5 : Double.NaN);
                fields.put("samples_ts", List.of(1.0, 2.0));
                fields.put("found", true);
                writer.row(new ReportRow(fields, List.of(i == 0 ? "a|b" : "漢", "1.50 ± 0.25")));
            }
        }
        return text.toString();
    }

    @Test
    void markdownHasTheLayoutOfLlamaBench() {
        assertEquals("""
                | model    |            t/s |
                | -------- | -------------: |
                | a\\|b     |    1.50 ± 0.25 |
                | 漢        |    1.50 ± 0.25 |
                """, written(ReportFormat.MD, 2));
        assertThrows(IllegalArgumentException.class,
                () -> ReportFormat.MD.writer(COLUMNS, new StringBuilder()).row(new ReportRow(Map.of(), List.of("one"))));
    }

    @Test
    void jsonIsAnArrayOfObjects() {
        JsonNode rows = new JsonMapper().readTree(written(ReportFormat.JSON, 2));
        assertEquals(2, rows.size());
        assertEquals("a \"b\", c1", rows.get(1).get("model_type").asString());
        assertEquals(1.5, rows.get(0).get("avg_ts").asDouble());
        assertTrue(rows.get(1).get("avg_ts").isNull(), "JSON has no NaN");
        assertEquals(2.0, rows.get(0).get("samples_ts").get(1).asDouble());
        assertEquals(0, new JsonMapper().readTree(written(ReportFormat.JSON, 0)).size());
    }

    @Test
    void jsonLinesAreOneObjectEach() {
        String[] lines = written(ReportFormat.JSONL, 2).split("\n", -1);
        assertEquals(3, lines.length);
        assertEquals("{\"model_type\":\"a \\\"b\\\", c0\",\"avg_ts\":1.5,\"samples_ts\":[1.0,2.0],\"found\":true}", lines[0]);
        assertEquals("a \"b\", c1", new JsonMapper().readTree(lines[1]).get("model_type").asString());
    }

    @Test
    void csvQuotesEveryValueAndLeavesListsOut() {
        assertEquals("model_type,avg_ts,found\n\"a \"\"b\"\", c0\",\"1.5\",\"true\"\n\"a \"\"b\"\", c1\",\"\",\"true\"\n",
                written(ReportFormat.CSV, 2));
    }

    @Test
    void anUnknownFormatIsAnErrorThatListsTheKnownOnes() {
        assertEquals(ReportFormat.JSONL, ReportFormat.parse("jsonl"));
        WinnowException error = assertThrows(WinnowException.class, () -> ReportFormat.parse("xml"));
        assertTrue(error.toString().contains("md, json, jsonl and csv"), error.toString());
    }
}
