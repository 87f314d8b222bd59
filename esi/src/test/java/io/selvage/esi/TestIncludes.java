package io.selvage.esi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers includes at once with what is prepared, or when it is told to; and takes in the page. */
final class TestIncludes implements Includes, Assembly.Output {
    static final Variables NOBODY = new Variables("shop.example", "", Map.of(), List.of(), "", "");

    /** An include that is answered later. */
    record Asked(String url, Waiting then) {}

    final Map<String, String> contents = new HashMap<>();
    final List<Asked> waiting = new ArrayList<>();
    final List<String> asked = new ArrayList<>();
    final List<String> cancelled = new ArrayList<>();
    private final ByteArrayOutputStream page = new ByteArrayOutputStream();
    String outcome = "";

    @Override
    public Runnable fetch(String url, Waiting then) {
        asked.add(url);
        if (contents.containsKey(url)) {
            then.done(content(contents.get(url)));
        } else if (url.startsWith("/later")) {
            waiting.add(new Asked(url, then));
        } else {
            then.done(failed());
        }
        return () -> {
            cancelled.add(url);
            waiting.removeIf(w -> w.url.equals(url));
        };
    }

    void answer(String url, String content) {
        taken(url).done(content(content));
    }

    void fail(String url) {
        taken(url).done(failed());
    }

    private Waiting taken(String url) {
        Asked first =
                waiting.stream().filter(w -> w.url.equals(url)).findFirst().orElseThrow();
        waiting.remove(first);
        return first.then;
    }

    private static Content content(String text) {
        return new Content(List.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static Failed failed() {
        return new Failed(new PageFailure(PageFailure.Kind.INCLUDE, "404"));
    }

    @Override
    public void write(byte[] bytes) {
        page.writeBytes(bytes);
    }

    /** The page as far as it has gone on. */
    String page() {
        return page.toString(StandardCharsets.UTF_8);
    }

    /** Lets the page begin anew. */
    void forget() {
        page.reset();
    }

    @Override
    public void end() {
        outcome = "complete";
    }

    @Override
    public void fail(PageFailure failure) {
        outcome = failure.kind() + ": " + failure.detail();
    }

    Assembly assembly(Variables variables) {
        return new Assembly(variables, this, new Allowance(10, 100_000), this);
    }

    /** A page put together as far as that goes at once. */
    Assembly assemble(Variables variables, String text) {
        Assembly assembly = assembly(variables);
        assembly.read(text.getBytes(StandardCharsets.UTF_8));
        assembly.end();
        return assembly;
    }

    /** A page all of whose includes are there at once. */
    String whole(Variables variables, String text) {
        assemble(variables, text);
        return outcome.equals("complete") ? page() : outcome;
    }
}
