package io.selvage.cli;

import io.selvage.node.Setting;
import io.selvage.node.Settings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that set something about a node, over the settings file and the environment. */
final class NodeOptions {
    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where the app is served, in place of the manifest's listeners; port 0 picks a free one. "
                    + "Default: 127.0.0.1:8080.")
    private @Nullable String listen;

    @Option(
            names = "--tls-dev",
            description = "Speak TLS there, with a self-signed certificate that is kept in the state folder.")
    private boolean tlsDevelopment;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "Where health and metrics are served; port 0 picks a free one. Default: 127.0.0.1:9080.")
    private @Nullable String admin;

    @Option(names = "--state", paramLabel = "DIR", description = "The folder of durable state. Default: .selvage.")
    private @Nullable String state;

    @Option(
            names = "--watch",
            negatable = true,
            description = "Load changed modules and manifests without dropping a request. On by default.")
    private @Nullable Boolean watch;

    @Option(
            names = "--log",
            paramLabel = "FORMAT",
            description = "How log lines look: text, json or auto (text on a terminal). Default: auto.")
    private @Nullable String log;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A TOML file of settings; the environment and flags override it.")
    private @Nullable Path config;

    /**
     * The settings from all layers: defaults, {@code --config}, the environment, flags.
     *
     * @throws io.selvage.node.ConfigurationException if one is unknown or does not fit
     */
    Settings settings(Map<String, String> environment) {
        return layers(environment).build();
    }

    /** The same layers, for a command with flags of its own. */
    Settings.Builder layers(Map<String, String> environment) {
        Settings.Builder settings = Settings.builder();
        if (config != null) {
            settings.file(config);
        }
        return settings.environment(environment)
                .flag("--listen", Setting.LISTEN, Optional.ofNullable(listen))
                .flag("--tls-dev", Setting.TLS_DEVELOPMENT, tlsDevelopment ? Optional.of("true") : Optional.empty())
                .flag("--admin", Setting.ADMIN, Optional.ofNullable(admin))
                .flag("--state", Setting.STATE, Optional.ofNullable(state))
                .flag("--watch", Setting.WATCH, Optional.ofNullable(watch).map(String::valueOf))
                .flag("--log", Setting.LOG_FORMAT, Optional.ofNullable(log));
    }
}
