package io.selvage.wasm.text;

/** What a token is by its characters alone (core spec §6.3). */
enum TokenKind {
    OPEN,
    CLOSE,
    STRING,
    /** A name after a dollar sign. */
    ID,
    /** An integer without sign. */
    NATURAL,
    /** An integer with a sign. */
    INTEGER,
    FLOAT,
    /** A word that begins with a small letter. */
    KEYWORD,
    /** Characters that mean nothing today. */
    RESERVED,
    END
}
