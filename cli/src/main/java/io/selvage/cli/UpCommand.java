package io.selvage.cli;

import io.selvage.gateway.Gateway;
import io.selvage.node.EventLog;
import io.selvage.node.Manifest;
import io.selvage.node.Node;
import io.selvage.node.Release;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage up}: serves an app until the process is asked to stop. */
@Command(
        name = "up",
        description = {
            "Serve an app: a folder with a selvage.toml, a manifest, or one module.",
            "It prints its routes for a person, or one JSON line with \"event\":\"ready\" when standard output is not a "
                    + "terminal. SIGTERM and Ctrl-C let running requests finish; a second Ctrl-C ends at once."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was asked to stop, and every request was finished",
            "1:it could not go on, or requests had to be ended when the time to drain was over",
            "2:the command line, the manifest or a setting is wrong, or an address is in use",
            "130:it was asked to stop twice"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  selvage up                                     the app in this folder",
            "  selvage up examples/hello                      the app in that folder",
            "  selvage up app.wasm --listen 0.0.0.0:80        one module, for every address of this machine",
            "  selvage up --take-over                         in place of the one that runs",
            "  selvage up --tls-dev                           with a self-signed certificate",
            "  SELVAGE_LOG__LEVEL=warn selvage up --no-watch  as a service"
        })
final class UpCommand implements Callable<Integer> {
    @Mixin
    private AppPath app = new AppPath();

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Option(
            names = "--take-over",
            description = "Replace the node that serves at these addresses, if there is one, without losing a request.")
    private boolean takeOver;

    @Option(names = "--json", description = "Print the ready line as JSON, even on a terminal.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        Settings settings = options.layers(System.getenv())
                .flag("--take-over", Setting.TAKE_OVER, takeOver ? Optional.of("true") : Optional.empty())
                .build();
        try (Assembly assembly = Assembly.of(settings, EventLog.open(settings))) {
            Node node = assembly.node();
            endWithoutHeap(node.log());
            node.deploy(app.path());
            try (Gateway gateway = Gateway.start(node)) {
                announce(gateway, node.release());
                if (settings.get(Setting.WATCH)) {
                    node.watch();
                }
                gateway.awaitSignal();
                return gateway.drain() ? Main.OK : Main.FAILED;
            }
        }
    }

    /** Ends the process when one of the node's own threads has died of a full heap: without it, nobody would be served any more. */
    private static void endWithoutHeap(EventLog log) {
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            try {
                log.error("fatal", "a thread of the node has ended: " + thrown, "thread", thread.getName());
            } finally {
                if (thrown instanceof OutOfMemoryError) {
                    Runtime.getRuntime().halt(Main.FAILED);
                }
            }
        });
    }

    private void announce(Gateway gateway, Release release) {
        PrintWriter out = spec.commandLine().getOut();
        boolean terminal = System.console() != null && System.console().isTerminal();
        if (json || !terminal) {
            out.println(gateway.readyEvent());
        } else {
            Ansi ansi = spec.commandLine().getColorScheme().ansi();
            out.println(ansi.string("@|bold " + release.manifest().name() + "|@ is served at @|bold,green "
                    + String.join(", ", gateway.urls()) + "|@  (health and metrics: "
                    + gateway.adminAddress().url() + ")"));
            for (Manifest.Entry function : release.manifest().functions()) {
                for (Manifest.PlacedRoute route : function.routes()) {
                    out.println("  " + route.route() + "  →  "
                            + function.definition().name());
                }
            }
            for (Manifest.RouteEntry route : release.manifest().routes()) {
                out.println("  " + route.route() + "  →  " + route.destination()
                        + (route.cache().isPresent() ? ", cached" : ""));
            }
        }
        out.flush();
    }
}
