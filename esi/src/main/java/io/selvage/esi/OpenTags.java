package io.selvage.esi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tags of a page that are open at one place of it, and where what stands there goes. Not thread-safe. */
final class OpenTags {
    /** How deeply tags may be nested. */
    static final int DEEPEST = 32;

    /** How many pieces may wait for the end of a tag. */
    static final int MOST_PIECES = 10_000;

    private static final Map<String, String> PARENTS =
            Map.of("attempt", "try", "except", "try", "when", "choose", "otherwise", "choose");

    /**
     * One of them. What stands directly in it is ready at once if {@code passes}; else it goes to {@code pieces}, or nowhere if
     * that is null.
     */
    private static final class Tag {
        private final String name;
        private final boolean passes;
        private final @Nullable List<Piece> pieces;
        private final Condition test;
        private final boolean expands;
        private final List<Piece> attempt = new ArrayList<>(0);
        private final List<Piece> except = new ArrayList<>(0);
        private final List<Piece.When> whens = new ArrayList<>(0);

        Tag(String name, boolean passes, @Nullable List<Piece> pieces, Condition test, boolean expands) {
            this.name = name;
            this.passes = passes;
            this.pieces = pieces;
            this.test = test;
            this.expands = expands;
        }
    }

    private final Deque<Tag> open = new ArrayDeque<>();
    private List<Piece> ready = new ArrayList<>();
    private int waiting;

    OpenTags() {
        open.push(new Tag("", true, null, Condition.NEVER, false));
    }

    /** The pieces that wait for nothing. */
    List<Piece> taken() {
        List<Piece> taken = ready;
        ready = new ArrayList<>();
        return taken;
    }

    /** Whether variables in texts are put in. */
    boolean expands() {
        return open.element().expands;
    }

    /** Adds text, a character for each byte. */
    void add(String text) {
        if (sink() != null) {
            add(new Piece.Text(text.getBytes(StandardCharsets.ISO_8859_1)));
        }
    }

    void add(Piece piece) {
        List<Piece> sink = sink();
        if (sink == null) {
            return;
        }
        if (!open.element().passes && ++waiting > MOST_PIECES) {
            throw new PageException(
                    new PageFailure(PageFailure.Kind.NESTING, "More than " + MOST_PIECES + " pieces stand in a tag"));
        }
        sink.add(piece);
    }

    private @Nullable List<Piece> sink() {
        Tag tag = open.element();
        return tag.passes ? ready : tag.pieces;
    }

    /** Opens a tag; whether it can stand here. */
    boolean open(String name, Condition test) {
        String parent = PARENTS.get(name);
        if (parent != null && !open.element().name.equals(parent)) {
            return false;
        }
        if (open.size() > DEEPEST) {
            throw new PageException(
                    new PageFailure(PageFailure.Kind.NESTING, "Tags are nested more than " + DEEPEST + " deep"));
        }
        Tag outer = open.element();
        List<Piece> pieces = switch (name) {
            case "vars" -> outer.pieces;
            case "attempt" -> outer.attempt;
            case "except" -> outer.except;
            case "when", "otherwise" -> new ArrayList<>();
            default -> null;
        };
        boolean isVars = name.equals("vars");
        open.push(new Tag(name, isVars && outer.passes, pieces, test, outer.expands || isVars));
        return true;
    }

    /** Closes the innermost tag of this name, and those in it; whether there is one. */
    boolean close(String name) {
        if (name.isEmpty() || open.stream().noneMatch(tag -> tag.name.equals(name))) {
            return false;
        }
        while (!open.element().name.equals(name)) {
            closeInnermost();
        }
        closeInnermost();
        return true;
    }

    /** Closes all; their names, the innermost first. */
    List<String> closeAll() {
        List<String> names = new ArrayList<>();
        while (open.size() > 1) {
            names.add(open.element().name);
            closeInnermost();
        }
        return names;
    }

    private void closeInnermost() {
        Tag tag = open.pop();
        switch (tag.name) {
            case "try" -> add(new Piece.Attempt(List.copyOf(tag.attempt), List.copyOf(tag.except)));
            case "choose" -> add(new Piece.Choice(List.copyOf(tag.whens), List.copyOf(tag.except)));
            case "when" -> open.element().whens.add(new Piece.When(tag.test, List.copyOf(pieces(tag))));
            case "otherwise" -> open.element().except.addAll(pieces(tag));
            default -> {}
        }
        if (open.size() == 1) {
            waiting = 0;
        }
    }

    private static List<Piece> pieces(Tag tag) {
        return tag.pieces == null ? List.of() : tag.pieces;
    }
}
