package io.selvage.cli;

import io.selvage.gateway.Handling;
import io.selvage.node.EventLog;
import io.selvage.node.Headers;
import io.selvage.node.Json;
import io.selvage.node.Manifest;
import io.selvage.node.Network;
import io.selvage.node.Place;
import io.selvage.node.RequestHead;
import io.selvage.node.RequestPath;
import io.selvage.node.Route;
import io.selvage.node.RouteRules;
import io.selvage.node.Router;
import io.selvage.node.Rule;
import io.selvage.node.TraceContext;
import io.selvage.rules.Explanation;
import io.selvage.rules.Rules;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage route}: explains what an app would do with a request, without sending one. */
@Command(
        name = "route",
        description = "Explain which route of an app gets a request, and what its rules make of it.",
        subcommands = RouteCommand.Test.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  selvage route test GET http://shop.example/cart/7",
            "  selvage route test POST /api/x --app examples/hello --header \"Origin: https://a.example\"",
            "  selvage route test GET /admin --from 203.0.113.7 --json"
        })
final class RouteCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "selvage route needs one of: test");
    }

    /** {@code route test}. */
    @Command(
            name = "test",
            description = {
                "Explain which route gets a request, which of its rules would apply, what the cache, ESI, compression and "
                        + "the shield would do, and why. Nothing is sent to the function or the origin, and no running node is asked: limits are shown as they begin."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:the destination would get the request, or a rule would answer it",
                "1:no route gets it",
                "2:the command line or the manifest is wrong"
            })
    static final class Test implements Callable<Integer> {
        private static final List<String> SCHEMES = List.of("http", "https");

        /** Where a request would go. */
        private record Target(String destination, RouteRules rules, Place place, Optional<Manifest.RouteEntry> entry) {}

        @Parameters(index = "0", paramLabel = "METHOD", description = "The method, for example GET.")
        private String method = "GET";

        @Parameters(
                index = "1",
                paramLabel = "URL",
                description = "The URL, or its path for a host without routes of its own.")
        private String url = "/";

        @Option(
                names = "--header",
                paramLabel = "NAME:VALUE",
                description = "A field of the request; may be given more than once.")
        private List<String> headers = new ArrayList<>();

        @Option(
                names = "--from",
                paramLabel = "ADDRESS",
                description = "Where the request comes from. Default: 127.0.0.1.")
        private String from = "127.0.0.1";

        @Option(names = "--app", paramLabel = "PATH", description = "The app. Default: the one in this folder.")
        private Path app = Path.of(".");

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() {
            if (!Headers.isToken(method)) {
                throw new ParameterException(spec.commandLine(), "\"" + method + "\" is no method; write GET, POST …");
            }
            Manifest manifest = Manifest.read(app, Assembly.known());
            URI target = target();
            String path = RequestPath.normalize(target.getRawPath().isEmpty() ? "/" : target.getRawPath())
                    .text();
            String host = target.getHost().toLowerCase(Locale.ROOT);
            Router<Target> router = router(manifest);
            Router.Result<Target> result =
                    preflight(router, host, path).orElseGet(() -> router.find(method, host, path));
            PrintWriter out = spec.commandLine().getOut();
            int code = Main.OK;
            String plainer = RequestPath.plainer(path);
            if (result instanceof Router.Found<Target> found
                    && router.find(method, host, plainer) instanceof Router.Found<Target> other
                    && !other.target().equals(found.target())
                    && Rules.guards(other.target().rules())) {
                out.println(
                        json
                                ? Json.object(
                                        "route",
                                        "",
                                        "status",
                                        400,
                                        "guarded",
                                        other.route().toString())
                                : path + " could be read as " + plainer + ", which " + other.route() + " guards: 400");
            } else if (result instanceof Router.Found<Target> found) {
                explain(found, target, path, out);
            } else {
                List<String> allow = result instanceof Router.MethodNotAllowed<Target> no ? no.allow() : List.of();
                out.println(
                        json
                                ? Json.object("route", "", "status", allow.isEmpty() ? 404 : 405, "allow", allow)
                                : allow.isEmpty()
                                        ? "no route of the app matches " + host + path + ": 404"
                                        : "routes for " + path + " take " + String.join(", ", allow) + " only: 405");
                code = Main.FAILED;
            }
            out.flush();
            return code;
        }

        /** For a preflight request of CORS, the route of the request that is to follow, if that route answers it. */
        private Optional<Router.Result<Target>> preflight(Router<Target> router, String host, String path) {
            return headers.stream()
                    .filter(h -> method.equals("OPTIONS")
                            && h.toLowerCase(Locale.ROOT).startsWith("access-control-request-method:"))
                    .map(h -> router.find(h.substring(h.indexOf(':') + 1).strip(), host, path))
                    .filter(r -> r instanceof Router.Found<Target> found
                            && found.target().rules().all().stream().anyMatch(Rule.Cors.class::isInstance))
                    .findFirst();
        }

        private URI target() {
            try {
                URI parsed = URI.create(url.startsWith("/") ? "http://localhost" + url : url);
                if (parsed.getHost() != null && SCHEMES.contains(String.valueOf(parsed.getScheme()))) {
                    return parsed;
                }
            } catch (IllegalArgumentException _) {
                // said below
            }
            throw new ParameterException(
                    spec.commandLine(), "\"" + url + "\" is no URL; write http://shop.example/cart/7, or only /cart/7");
        }

        private static Router<Target> router(Manifest manifest) {
            Router.Builder<Target> router = Router.builder();
            for (Manifest.Entry function : manifest.functions()) {
                String name = function.definition().name();
                function.routes()
                        .forEach(r -> router.add(
                                r.route(),
                                new Target("function " + name, manifest.defaults(), r.place(), Optional.empty()),
                                r.place(),
                                name));
            }
            for (Manifest.RouteEntry route : manifest.routes()) {
                String destination = route.function()
                        .map(f -> "function " + f)
                        .or(() -> route.origin().map(o -> "origin " + o.name()))
                        .orElse("its rules");
                router.add(
                        route.route(),
                        new Target(destination, route.rules(), route.place(), Optional.of(route)),
                        route.place(),
                        route.destination());
            }
            return router.build();
        }

        private void explain(Router.Found<Target> found, URI target, String path, PrintWriter out) {
            RequestHead head = head(found.route(), found.parameters(), target, path);
            Target to = found.target();
            Explanation explained =
                    new Rules(EventLog.none()).explain(found.route(), to.rules(), to.place(), head, new Headers());
            List<Handling.Step> handling = explained.request().isEmpty()
                    ? List.of()
                    : to.entry()
                            .map(entry -> Handling.of(
                                    explained.request().get(), entry.origin(), entry.cache(), entry.delivery()))
                            .orElse(List.of());
            if (json) {
                out.println(asJson(found, explained, handling));
            } else {
                asText(found, explained, handling, head, out);
            }
        }

        private InetAddress client() {
            try {
                return Network.address(from);
            } catch (IllegalArgumentException _) {
                throw new ParameterException(
                        spec.commandLine(), "--from: \"" + from + "\" is no IP address; write one like 192.0.2.7");
            }
        }

        private RequestHead head(Route route, Map<String, String> parameters, URI target, String path) {
            Headers fields = new Headers().add("Host", target.getAuthority());
            for (String header : headers) {
                int colon = header.indexOf(':');
                if (colon <= 0 || !Headers.isToken(header.substring(0, colon))) {
                    throw new ParameterException(
                            spec.commandLine(), "\"" + header + "\" is no field; write --header \"Name: value\"");
                }
                fields.add(
                        header.substring(0, colon), header.substring(colon + 1).strip());
            }
            InetSocketAddress remote = new InetSocketAddress(client(), 0);
            return new RequestHead(
                    "test",
                    method,
                    target.getScheme(),
                    target.getAuthority(),
                    path,
                    Optional.ofNullable(target.getRawQuery()).orElse(""),
                    "HTTP/1.1",
                    fields,
                    remote,
                    remote,
                    route.path(),
                    parameters,
                    TraceContext.begin());
        }

        private static Map<String, String> line(String rule, String outcome, String why) {
            Map<String, String> line = new LinkedHashMap<>();
            line.put("rule", rule);
            line.put("outcome", outcome);
            line.put("why", why);
            return line;
        }

        private static String asJson(Router.Found<Target> found, Explanation explained, List<Handling.Step> handling) {
            Map<String, String> response = new LinkedHashMap<>();
            explained.response().forEach((name, value) -> response.merge(name, value, (a, b) -> a + ", " + b));
            List<Map<String, String>> rules = explained.steps().stream()
                    .map(s -> line(s.rule(), s.outcome(), s.why()))
                    .toList();
            List<Map<String, String>> handled = handling.stream()
                    .map(s -> line(s.part(), s.outcome(), s.why()))
                    .toList();
            List<Object> fields = new ArrayList<>(List.of(
                    "route", found.route().toString(),
                    "place", found.target().place().toString(),
                    "destination", found.target().destination(),
                    "parameters", found.parameters(),
                    "rules", rules,
                    "handling", handled));
            explained.status().ifPresent(status -> fields.addAll(List.of("status", status)));
            explained.request().ifPresent(request -> {
                Map<String, String> sent = new LinkedHashMap<>();
                request.headers().forEach((name, value) -> sent.merge(name, value, (a, b) -> a + ", " + b));
                fields.addAll(List.of("path", request.path(), "request_headers", sent));
            });
            fields.addAll(List.of("response_headers", response));
            return Json.object(fields.toArray());
        }

        private static String row(String rule, String outcome, String why) {
            return "  " + String.format("%-18s %-12s %s", rule, outcome, why).stripTrailing();
        }

        private static void asText(
                Router.Found<Target> found,
                Explanation explained,
                List<Handling.Step> handling,
                RequestHead head,
                PrintWriter out) {
            out.println("route        " + found.route() + "  (" + found.target().place() + ")");
            if (!found.parameters().isEmpty()) {
                out.println("parameters   " + found.parameters());
            }
            if (explained.steps().isEmpty()) {
                out.println("rules        none");
            }
            explained.steps().forEach(s -> out.println(row(s.rule(), s.outcome(), s.why())));
            handling.forEach(s -> out.println(row(s.part(), s.outcome(), s.why())));
            if (explained.status().isPresent()) {
                out.println("answer       " + explained.status().get() + ", by a rule");
            } else {
                String path = explained.request().map(RequestHead::path).orElse("");
                out.println("destination  " + found.target().destination()
                        + (path.equals(head.path()) ? "" : ", which is asked for " + path));
            }
            explained.response().forEach((name, value) -> out.println("  " + name + ": " + value));
        }
    }
}
