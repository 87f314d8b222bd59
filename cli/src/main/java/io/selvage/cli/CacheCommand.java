package io.selvage.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage cache}: looks at the cache of a running node, and lets some of it go. */
@Command(
        name = "cache",
        description = "See what the cache of a running node holds, and purge it.",
        subcommands = {CacheCommand.Purge.class, CacheCommand.Inspect.class, CacheCommand.Stats.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  selvage cache purge http://shop.example/a?b=c",
            "  selvage cache purge --prefix http://shop.example/images/",
            "  selvage cache purge --tag product-7 --soft     keep it for when the origin fails",
            "  selvage cache inspect http://shop.example/a?b=c",
            "  selvage cache stats"
        })
final class CacheCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "selvage cache needs one of: purge, inspect, stats");
    }

    /** Which node is asked. */
    static final class NodeAddress {
        @Option(
                names = "--admin",
                paramLabel = "HOST:PORT",
                description = "The node's admin listener. Default: 127.0.0.1:9080.")
        private @Nullable String admin;

        @Option(names = "--config", paramLabel = "FILE", description = "The node's file of settings.")
        private @Nullable Path config;

        @Option(names = "--json", description = "Print JSON: an object a line.")
        private boolean json;

        /** What the node answers to {@code method} for this path and query. */
        String ask(String method, String target) throws IOException {
            return ask(method, target, "");
        }

        /** What the node answers to {@code method} with some content for this path and query. */
        String ask(String method, String target, String content) throws IOException {
            Settings.Builder settings = Settings.builder();
            if (config != null) {
                settings.file(config);
            }
            String url = settings.environment(System.getenv())
                    .flag("--admin", Setting.ADMIN, Optional.ofNullable(admin))
                    .build()
                    .get(Setting.ADMIN)
                    .url();
            HttpRequest request = HttpRequest.newBuilder(URI.create(url + target))
                    .method(method, HttpRequest.BodyPublishers.ofString(content))
                    .header("Accept", json ? "application/json" : "text/plain")
                    .timeout(Duration.ofSeconds(30))
                    .build();
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() != 200) {
                    throw new CommandFailure(said(response));
                }
                return response.body();
            } catch (ConnectException _) {
                throw new CommandFailure("no node answers at " + url + "; start one with selvage up, or name its admin "
                        + "listener with --admin");
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new CommandFailure("interrupted");
            }
        }
    }

    /** What a node says that has not done what it was asked, as a person reads it (RFC 9457). */
    private static String said(HttpResponse<String> response) {
        try {
            JsonNode problem = new ObjectMapper().readTree(response.body());
            if (problem.hasNonNull("title")) {
                return problem.get("title").asText() + "\n"
                        + problem.path("detail").asText().indent(2).stripTrailing();
            }
        } catch (JsonProcessingException _) {
            // then it is no problem document
        }
        return "the node answered " + response.statusCode() + ": " + response.body();
    }

    /** {@code cache purge}. */
    @Command(
            name = "purge",
            description = {
                "Remove stored responses, and tell which. Name a URL as clients ask for it, or a prefix, or a tag that "
                        + "the origin gave in Surrogate-Key or Cache-Tag. What is just arriving is not stored either."
            })
    static final class Purge implements Callable<Integer> {
        @Mixin
        private NodeAddress node = new NodeAddress();

        @Parameters(arity = "0..1", paramLabel = "URL", description = "The URL.")
        private @Nullable String url;

        @Option(names = "--prefix", paramLabel = "URL", description = "Every URL that begins so.")
        private @Nullable String prefix;

        @Option(names = "--tag", paramLabel = "TAG", description = "Every response with this tag.")
        private @Nullable String tag;

        @Option(
                names = "--soft",
                description =
                        "Keep them as stale: for when the origin fails, and while it is asked under stale-while-revalidate.")
        private boolean soft;

        @Option(names = "--dry-run", description = "Only tell what would be removed.")
        private boolean dry;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            List<String> query = new ArrayList<>();
            add(query, "url", url);
            add(query, "prefix", prefix);
            add(query, "tag", tag);
            if (query.size() != 1) {
                throw new ParameterException(spec.commandLine(), "name one of: a URL, --prefix URL, --tag TAG");
            }
            if (soft) {
                query.add("soft=true");
            }
            if (dry) {
                query.add("dry=true");
            }
            spec.commandLine().getOut().print(node.ask("DELETE", "/cache?" + String.join("&", query)));
            spec.commandLine().getOut().flush();
            return Main.OK;
        }

        private static void add(List<String> query, String name, @Nullable String value) {
            if (value != null) {
                query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
            }
        }
    }

    /** {@code cache inspect}. */
    @Command(
            name = "inspect",
            description = {
                "Print what is stored of a URL: each response with its age, how long it is fresh, what it varies on and "
                        + "its tags."
            })
    static final class Inspect implements Callable<Integer> {
        @Mixin
        private NodeAddress node = new NodeAddress();

        @Parameters(paramLabel = "URL", description = "The URL, as clients ask for it.")
        private String url = "";

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            String target = "/cache?url=" + URLEncoder.encode(url, StandardCharsets.UTF_8);
            spec.commandLine().getOut().print(node.ask("GET", target));
            spec.commandLine().getOut().flush();
            return Main.OK;
        }
    }

    /** {@code cache stats}. */
    @Command(name = "stats", description = "Print how much the cache holds, and what became of requests.")
    static final class Stats implements Callable<Integer> {
        @Mixin
        private NodeAddress node = new NodeAddress();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            spec.commandLine().getOut().print(node.ask("GET", "/cache"));
            spec.commandLine().getOut().flush();
            return Main.OK;
        }
    }
}
