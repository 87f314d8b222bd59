package io.selvage.esi;

import java.util.List;
import java.util.Optional;

/** A part of a page, in the order of the page. Immutable, as long as nobody changes its bytes. */
public sealed interface Piece {
    /** What goes to clients as it is. */
    record Text(byte[] bytes) implements Piece {}

    /** A variable, escaped as HTML. */
    record Value(Reference reference) implements Piece {}

    /**
     * The content of another URL.
     *
     * @param source the URL
     * @param alternative the URL that is tried when that fails
     * @param continues whether nothing stands in its place when it fails, and the page does not fail
     */
    record Include(Template source, Optional<Template> alternative, boolean continues) implements Piece {}

    /** What stands in the place of {@code attempt} if an include fails there. */
    record Attempt(List<Piece> attempt, List<Piece> except) implements Piece {}

    /** The pieces of the first test that holds, or {@code otherwise}. */
    record Choice(List<When> whens, List<Piece> otherwise) implements Piece {}

    /** Pieces and when they are chosen. */
    record When(Condition test, List<Piece> pieces) {}
}
