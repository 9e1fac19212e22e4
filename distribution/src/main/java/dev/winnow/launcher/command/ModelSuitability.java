package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.ProviderReport;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.launcher.output.Column;
import dev.winnow.launcher.output.Table;
import dev.winnow.spi.Settings;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a model runs here, and what every plug-in would do for it: found out by trying, so that it cannot differ from what {@code winnow run} does.
 *
 * @param runs     whether a session could be made
 * @param reason   why not; empty if it runs
 * @param backends ids of the backends of attention, matrix products and elementwise operations; empty if it does not run
 * @param table    the plug-ins
 */
record ModelSuitability(boolean runs, String reason, List<String> backends, Table table) {

    /** A session this short allocates next to nothing. */
    private static final int CONTEXT = 64;

    static ModelSuitability of(InferenceRuntime runtime, Path file) {
        Table table = new Table(Column.text("kind", "kind"), Column.text("id", "id"), Column.text("use", "use"),
                Column.text("detail", "detail"));
        try (Model model = runtime.load(file, ModelOptions.defaults())) {
            SessionOptions options = SessionOptions.defaults().withContextLength(CONTEXT);
            List<RefinerReport> active = refiners(model, options);
            for (ProviderReport provider : runtime.providers()) {
                if (!provider.available()) {
                    table.row(provider.kind(), provider.id(), "unavailable", provider.reason());
                } else if (!provider.kind().equals("refiner")) {
                    table.row(provider.kind(), provider.id(), provider.chosen() ? "used" : "not used", provider.note());
                } else {
                    refiner(table, model, options, active, provider.id());
                }
            }
            return new ModelSuitability(true, "", model.backends(), table);
        } catch (WinnowException e) {
            return new ModelSuitability(false, String.valueOf(e.getMessage()), List.of(), table);
        }
    }

    private static void refiner(Table table, Model model, SessionOptions options, List<RefinerReport> active, String id) {
        RefinerReport used = find(active, id);
        if (used != null) {
            table.row("refiner", id, used.required() ? "needed by the model" : "asked for by the metadata", used.parameters().toString());
            return;
        }
        try {
            RefinerReport possible = find(refiners(model, options.withRefiner(id, Settings.none())), id);
            table.row("refiner", id, "on request (--refiner " + id + ")", possible == null ? "" : possible.parameters().toString());
        } catch (WinnowException e) {
            table.row("refiner", id, "does not apply", String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable RefinerReport find(List<RefinerReport> reports, String id) {
        return reports.stream().filter(report -> report.id().equals(id)).findFirst().orElse(null);
    }

    private static List<RefinerReport> refiners(Model model, SessionOptions options) {
        try (Session session = model.newSession(options)) {
            return session.refiners();
        }
    }
}
