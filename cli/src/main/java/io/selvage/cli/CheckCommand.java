package io.selvage.cli;

import io.selvage.gateway.Gateway;
import io.selvage.node.EventLog;
import io.selvage.node.Release;
import io.selvage.node.Settings;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage check}: says everything that is wrong with an app, without serving it. */
@Command(
        name = "check",
        description = {
            "Read an app as \"up\" does, without serving it: its manifest, its functions' modules, the certificates and "
                    + "keys of its listeners, and the settings.",
            "Every mistake is told at once, each with its place and what would be valid."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the app could be served", "2:something is wrong; standard error says what and where"},
        footerHeading = "%nExamples:%n",
        footer = {"  selvage check                  the app in this folder", "  selvage check examples/hello"})
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private AppPath app = new AppPath();

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        Settings settings = options.settings(System.getenv());
        try (Assembly assembly = Assembly.of(settings, EventLog.none())) {
            Release release = assembly.node().check(app.path(), manifest -> Gateway.check(manifest, settings));
            PrintWriter out = spec.commandLine().getOut();
            out.println(release.manifest().name() + ": in order (routes: " + release.routes() + ", functions: "
                    + release.functions().size() + ", listeners: "
                    + Math.max(1, release.manifest().listeners().size()) + ")");
            out.flush();
            return Main.OK;
        }
    }
}
