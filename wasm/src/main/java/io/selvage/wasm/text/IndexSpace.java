package io.selvage.wasm.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The names of things of one kind, by index (core spec §6.1.3). */
final class IndexSpace {
    private final String kind;
    private final Map<String, Integer> indices = new HashMap<>();
    private final List<@Nullable String> names = new ArrayList<>();

    /**
     * Begins an empty one.
     *
     * @param kind what the things are called, for messages
     */
    IndexSpace(String kind) {
        this.kind = kind;
    }

    int size() {
        return names.size();
    }

    /** Adds something that has no name. */
    int add() {
        names.add(null);
        return names.size() - 1;
    }

    /** Adds something with a name, whose token the cursor has just gone over. */
    private int add(Cursor in, String name) {
        if (indices.putIfAbsent(name, names.size()) != null) {
            throw in.error(in.position() - 1, "duplicate " + kind + " $" + name);
        }
        names.add(name);
        return names.size() - 1;
    }

    /** Goes over the identifier, if there is one, and adds what it names; an annotation gives it another name. */
    int declare(Cursor in) {
        int index = in.id().map(name -> add(in, name)).orElseGet(this::add);
        in.nameAnnotation(kind).ifPresent(name -> names.set(index, name));
        return index;
    }

    /** Whether what is declared next has a name. */
    static boolean isNamed(Cursor in) {
        return in.is(TokenKind.ID) || in.isAnnotated("name");
    }

    OptionalInt find(String name) {
        Integer index = indices.get(name);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** By index; {@code null} where there is none. */
    List<@Nullable String> names() {
        return names;
    }

    String unknown(String name) {
        return "unknown " + kind + " $" + name;
    }

    String expected() {
        return "the index of a " + kind;
    }
}
