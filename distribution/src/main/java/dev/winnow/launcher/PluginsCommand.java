package dev.winnow.launcher;

import dev.winnow.api.ProviderReport;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code winnow plugins}: shows every plug-in, chosen or not and why. */
@Command(name = "plugins", mixinStandardHelpOptions = true, sortOptions = false, description = "Lists the plug-ins: what they are, where they come from, and which are in use.")
final class PluginsCommand implements Callable<Integer> {

    @Mixin
    private RuntimeMixin runtime = new RuntimeMixin();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        List<ProviderReport> reports = runtime.withRuntime(winnow -> winnow.providers());
        if (json) {
            ObjectMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
            System.out.println(mapper.writeValueAsString(reports));
            return ExitCodes.OK;
        }
        System.out.printf("%-12s %-10s %-8s %-10s %-28s %s%n", "kind", "id", "priority", "state", "from", "note");
        for (ProviderReport report : reports) {
            String state = report.chosen() ? "in use" : report.available() ? "available" : "unusable";
            String note = report.reason().isEmpty()
                    ? report.note()
                    : report.reason() + (report.remedy().isEmpty() ? "" : ": " + report.remedy());
            System.out.printf("%-12s %-10s %-8s %-10s %-28s %s%n", report.kind(), report.id(),
                    report.priority() == null ? "-" : report.priority(), state,
                    report.location(), note);
        }
        return ExitCodes.OK;
    }
}
