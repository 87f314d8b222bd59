package io.selvage.esi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;

/** A URL in which variables may stand. Immutable. */
public final class Template {
    private sealed interface Part {}

    private record Literal(String text) implements Part {}

    private record Variable(Reference reference) implements Part {}

    private final List<Part> parts;

    private Template(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /** Reads a URL; what only looks like a reference stays as it is. */
    public static Template parse(String text) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        int at = text.indexOf("$(");
        while (at >= 0) {
            Optional<Matcher> found = Reference.at(text, at);
            if (found.isPresent()) {
                parts.add(new Literal(text.substring(from, at)));
                parts.add(new Variable(Reference.of(found.get())));
                from = found.get().end();
            }
            at = text.indexOf("$(", Math.max(from, at + 1));
        }
        parts.add(new Literal(text.substring(from)));
        return new Template(parts);
    }

    /** The URL for one request: values are percent-encoded, so that they are one parameter or segment and no more. */
    public String url(Variables variables) {
        StringBuilder url = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Literal literal -> url.append(literal.text);
                case Variable variable -> url.append(variables.url(variable.reference));
            }
        }
        return url.toString();
    }
}
