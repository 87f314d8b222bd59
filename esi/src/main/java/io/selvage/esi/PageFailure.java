package io.selvage.esi;

/** Why a page cannot be put together. Immutable. */
public record PageFailure(Kind kind, String detail) {
    /** What was wrong. */
    public enum Kind {
        /** An include that must be there is not. */
        INCLUDE,
        /** Pages include pages too deeply. */
        DEPTH,
        /** There are too many includes. */
        INCLUDES,
        /** The page has become too large. */
        SIZE,
        /** The includes took too long. */
        TIME,
        /** Tags are nested too deeply, or too much lies in one of them. */
        NESTING
    }
}
