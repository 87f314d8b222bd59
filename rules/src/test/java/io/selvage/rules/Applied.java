package io.selvage.rules;

import io.selvage.node.EventLog;
import io.selvage.node.Headers;
import io.selvage.node.Manifest;
import io.selvage.node.RequestHead;
import io.selvage.node.RuleChain;
import io.selvage.node.RuleRun;
import io.selvage.node.TraceContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A route's rules as a manifest has them, and requests that go through them. */
final class Applied implements AutoCloseable {
    /** What has become of a request. */
    record Result(RuleRun run, RuleRun.Verdict verdict) {
        /** 200 if it goes on. */
        int status() {
            return switch (verdict) {
                case RuleRun.Refused refused -> refused.problem().status();
                case RuleRun.Answered answered -> answered.status();
                default -> 200;
            };
        }

        /** A field of the request that goes on; empty without. */
        String field(String name) {
            return verdict instanceof RuleRun.Proceed go
                    ? String.join("|", go.head().headers().all(name))
                    : "?";
        }

        /** The path that the destination is asked for. */
        String path() {
            return verdict instanceof RuleRun.Proceed go ? go.head().path() : "?";
        }

        /** A field of the response; empty without. */
        String answered(String name) {
            Headers fields = switch (verdict) {
                case RuleRun.Refused refused -> refused.fields();
                case RuleRun.Answered answered -> answered.fields();
                default -> new Headers();
            };
            return String.join("|", run.response(status(), fields).all(name));
        }
    }

    final RuleChain chain;

    /** The chain of a route {@code /...} that has these lines. */
    Applied(Path folder, String rules) throws IOException {
        String toml =
                "name = \"t\"\n[[origin]]\nname = \"o\"\nurls = [\"http://127.0.0.1:1\"]\n[[route]]\npath = \"/...\"\n"
                        + "origin = \"o\"\n" + rules;
        Manifest manifest = Manifest.read(
                Files.writeString(folder.resolve("selvage.toml"), toml), new Manifest.Known(List.of(), List.of()));
        Manifest.RouteEntry entry = manifest.routes().getFirst();
        chain = new Rules(EventLog.none()).chain(entry.route(), entry.rules(), entry.place());
    }

    /** Sends a GET from an address; fields are {@code Name: value}. */
    Result get(String from, String... fields) throws Exception {
        return send("GET", from, 0, fields);
    }

    Result send(String method, String from, long length, String... fields) throws Exception {
        Headers headers = new Headers();
        for (String field : fields) {
            int colon = field.indexOf(':');
            headers.add(field.substring(0, colon), field.substring(colon + 1).strip());
        }
        InetSocketAddress remote = new InetSocketAddress(InetAddress.getByName(from), 4711);
        RequestHead head = new RequestHead(
                "id1",
                method,
                "http",
                "shop.example",
                "/a/b",
                "",
                "HTTP/1.1",
                headers,
                remote,
                remote,
                "/...",
                Map.of(),
                TraceContext.begin());
        RuleRun run = chain.begin(head, length);
        RuleRun.Verdict verdict = run.before(head);
        while (verdict instanceof RuleRun.Later later) {
            verdict = later.verdict().toCompletableFuture().get();
        }
        return new Result(run, verdict);
    }

    @Override
    public void close() {
        chain.close();
    }
}
