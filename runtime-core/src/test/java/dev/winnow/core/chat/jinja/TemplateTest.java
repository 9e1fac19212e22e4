package dev.winnow.core.chat.jinja;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What templates render, against Python's Jinja; chat_templates.py has made the expected texts. */
final class TemplateTest {

    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 1, 2, 13, 4, 5, 0, ZoneOffset.UTC);

    private static JsonNode resource(String name) throws IOException {
        try (InputStream stream = TemplateTest.class.getResourceAsStream("/dev/winnow/core/chat/" + name)) {
            return JsonMapper.shared().readTree(stream);
        }
    }

    private static String source(String name) throws IOException {
        try (InputStream stream = TemplateTest.class.getResourceAsStream("/dev/winnow/core/chat/templates/" + name)) {
            return new String(stream.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    private static Map<Object, Object> message(String role, Text content) {
        Map<Object, Object> message = new LinkedHashMap<>();
        message.put(Text.of("role"), Text.of(role));
        message.put(Text.of("content"), content);
        return message;
    }

    private static Text render(String source, Map<String, Object> variables) {
        return Template.parse(source).render(variables, () -> NOW);
    }

    @Test
    void publishedTemplates() throws IOException {
        List<Executable> checks = new ArrayList<>();
        for (JsonNode example : resource("templates.json")) {
            List<Object> messages = new ArrayList<>();
            example.get("messages").forEach(pair -> messages.add(message(pair.get(0).asString(), Text.written(pair.get(1).asString()))));
            Map<String, Object> variables = Map.of("messages", messages, "tools", None.NONE, "documents", None.NONE, "bos_token",
                    Text.of("<BOS>"), "eos_token", Text.of("<EOS>"), "add_generation_prompt", example.get("generation").asBoolean());
            String source = source(example.get("template").asString());
            checks.add(() -> check(example, source, variables));
        }
        assertEquals(374, checks.size());
        assertAll(checks);
    }

    @Test
    void partsOfTheLanguage() throws IOException {
        List<Object> messages = List.of(message("system", Text.of(" Sys\n")), message("user", Text.of("Hi 'you' & <me>")),
                message("assistant", Text.of("It's OK\n\nbye")));
        Map<Object, Object> parameters = new LinkedHashMap<>();
        parameters.put(Text.of("b"), 1L);
        parameters.put(Text.of("a"), List.of(true, None.NONE, 1.5, Text.of("é\n\"x\"")));
        Map<Object, Object> tool = new LinkedHashMap<>();
        tool.put(Text.of("name"), Text.of("f"));
        tool.put(Text.of("parameters"), parameters);
        tool.put(Text.of("empty"), new LinkedHashMap<>());
        tool.put(Text.of("none"), List.of());
        Map<String, Object> variables = Map.of("messages", messages, "numbers", List.of(3L, 1L, 2L, 3L), "tool", tool);
        List<Executable> checks = new ArrayList<>();
        resource("features.json").forEach(example -> checks.add(() -> check(example, example.get("template").asString(), variables)));
        assertEquals(83, checks.size());
        assertAll(checks);
    }

    private static void check(JsonNode example, String source, Map<String, Object> variables) {
        String name = example.get("template").asString();
        if (example.get("text").isNull()) {
            assertThrows(JinjaException.class, () -> render(source, variables), name);
        } else {
            assertEquals(example.get("text").asString(), render(source, variables).value(), name);
        }
    }

    @Test
    void partsOfMessagesStayMarked() {
        Text content = Text.written("  <think>\nA\n</think> Bcd, e\n");
        String[] operations = {"x", "x | trim", "x.strip()", "x.split('</think>')[-1].lstrip()", "x[3:9]", "x[::-1]", "x | upper",
                "x | title", "x.replace('A', 'q')", "'%s' % x", "'{}'.format(x)", "x ~ 1", "[x] | join(',')", "x | tojson", "[x] | string",
                "x | indent(2)", "x | truncate(9)", "x | list | first", "x.splitlines()[1]", "x.partition('>')[2]", "x | center(80)",
                "x * 2",
                "x | replace('B', 'q')", "(x, 1) | string", "x | default('y')", "x | escape", "x | reverse", "x.title()",
                "{'a': x} | tojson"};
        for (String operation : operations) {
            Text text = render("<|start|>{{ " + operation + " }}<|end|>", Map.of("x", content));
            assertFalse(text.marks().isEmpty(), operation);
            for (int i = 0; i < text.value().length(); i++) {
                boolean fromMessage = "thinkABbcdelg".indexOf(text.value().charAt(i)) >= 0 && i >= 9 && i < text.value().length() - 7;
                assertTrue(!fromMessage || text.isMarked(i), operation + ": " + text.value() + " at " + i);
                assertTrue(i >= 9 && i < text.value().length() - 7 || !text.isMarked(i), operation + ": " + text.value() + " at " + i);
            }
        }
    }

    @Test
    void endlessTemplatesEnd() {
        for (String source : List.of("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "{{ 'x' * 999999999 }}",
                "{{ 'x' | center(999999999) }}", "{{ '%999999999d' % 1 }}", "{{ 10 ** 10 ** 10 }}",
                "{% set ns = namespace(x='xxxxxxxx') %}{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}", "{{ 1" + " + 1".repeat(200_000) + " }}",
                "{% if 1 %}".repeat(50_000))) {
            assertThrows(JinjaException.class, () -> render(source, Map.of()), source.substring(0, Math.min(80, source.length())));
        }
    }

    @Test
    void errorsNameTheirLine() {
        JinjaException e = assertThrows(JinjaException.class, () -> render("a\n{% if true %}\n{{ x.y }}\n{% endif %}", Map.of()));
        assertEquals(3, e.line());
        assertEquals("'x' is undefined", e.getMessage());
        assertEquals(2, assertThrows(JinjaException.class, () -> Template.parse("\n{{ 1 + }}")).line());
    }
}
