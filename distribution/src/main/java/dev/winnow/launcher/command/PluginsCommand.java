package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.ProviderReport;
import dev.winnow.launcher.options.OutputMixin;
import dev.winnow.launcher.options.RuntimeMixin;
import dev.winnow.launcher.output.Column;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.OutputFormat;
import dev.winnow.launcher.output.Table;
import jakarta.inject.Inject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists every plug-in that was found, also those that do not work here, with the reason. */
@Command(name = "plugins", mixinStandardHelpOptions = true, description = {
        "Lists the plug-ins: backends, of which one is used, and mask refiners.", ""})
public final class PluginsCommand implements Callable<Integer> {

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    @SuppressWarnings("UnusedVariable") // the launcher finds it by its type and makes the runtime from it
    private RuntimeMixin settings;

    @Mixin
    private OutputMixin output;

    @Option(names = "--json", description = "The same as -o json.")
    private boolean json;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public PluginsCommand() {}

    @Override
    public Integer call() {
        table(runtime).write(console, json ? OutputFormat.json : output.format());
        return 0;
    }

    /** Returns the table of plug-ins. */
    static Table table(InferenceRuntime runtime) {
        Table table = new Table(Column.text("kind", "kind"), Column.text("id", "id"), Column.text("version", "version"),
                Column.number("priority", "priority"), Column.text("available", "available"), Column.text("chosen", "in use"),
                Column.text("note", "note"), Column.text("reason", "why not"), Column.text("remedy", "remedy"),
                Column.text("location", "from"));
        for (ProviderReport report : runtime.providers()) {
            table.row(report.kind(), report.id(), report.version(), report.priority(), report.available(),
                    report.kind().equals("refiner") ? null : report.chosen(), report.note(), report.reason(), report.remedy(),
                    report.location());
        }
        return table;
    }
}
