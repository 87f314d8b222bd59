package io.selvage.wasm.text;

/**
 * An annotation {@code (@name …)} (core spec §6.3.5).
 *
 * @param token the token before which it stands
 * @param offset where its opening parenthesis stands, in bytes
 * @param name what follows the {@code @}
 * @param start where its content begins
 * @param end where its closing parenthesis stands
 */
record Annotation(int token, int offset, String name, int start, int end) {}
