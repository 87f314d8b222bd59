package io.selvage.wasm.text;

import io.selvage.wasm.TextException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Walks over the tokens of a text; what it does not find there it explains. */
final class Cursor {
    /** The words that the text format knows beside the names of instructions and types. */
    private static final Set<String> WORDS = Set.of("""
            module binary quote definition instance func type param result local import export table memory global tag
            start elem data declare offset item mut field struct array sub final rec ref null i8 i16 i8x16 i16x8 i32x4
            i64x2 f32x4 f64x2 then do catch_ref catch_all_ref shared pagesize exact descriptor describes register
            invoke get assert_malformed assert_invalid assert_malformed_custom assert_invalid_custom assert_unlinkable
            assert_return assert_trap assert_exception assert_exhaustion nan:canonical nan:arithmetic either
            ref.extern ref.host ref.struct ref.array ref.exn script input output thread wait
            """.strip().split("\\s+"));

    private final Tokens tokens;
    private final Set<Annotation> understood = new HashSet<>();
    private int at;

    Cursor(Tokens tokens) {
        this.tokens = tokens;
    }

    Tokens tokens() {
        return tokens;
    }

    /** The number of the next token. */
    int position() {
        return at;
    }

    void position(int token) {
        at = token;
    }

    TokenKind kind() {
        return tokens.kind(at);
    }

    boolean is(TokenKind kind) {
        return kind() == kind;
    }

    /** The characters of the next token. */
    String text() {
        return text(at);
    }

    private String text(int token) {
        int start = tokens.start(token);
        return new String(tokens.source(), start, tokens.end(token) - start, StandardCharsets.UTF_8);
    }

    boolean isKeyword(String word) {
        return isKeyword(at, word);
    }

    private boolean isKeyword(int token, String word) {
        int start = tokens.start(token);
        if (tokens.kind(token) != TokenKind.KEYWORD || tokens.end(token) - start != word.length()) {
            return false;
        }
        byte[] source = tokens.source();
        for (int i = 0; i < word.length(); i++) {
            if (source[start + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a form with this word begins here. */
    boolean isForm(String word) {
        return is(TokenKind.OPEN) && isKeyword(at + 1, word);
    }

    /** The word after the parenthesis that is the next token; empty if there is no word. */
    String formWord() {
        return is(TokenKind.OPEN) && tokens.kind(at + 1) == TokenKind.KEYWORD ? text(at + 1) : "";
    }

    TokenKind kindAfter() {
        return is(TokenKind.END) ? TokenKind.END : tokens.kind(at + 1);
    }

    /** Whether the token after the next begins with these characters. */
    boolean startsAfter(String characters) {
        return kindAfter() == TokenKind.KEYWORD && text(at + 1).startsWith(characters);
    }

    void advance() {
        at++;
    }

    /** Goes over the word if it is the next token. */
    boolean accept(String word) {
        boolean found = isKeyword(word);
        if (found) {
            at++;
        }
        return found;
    }

    /** Goes over the beginning of a form with this word if it is next. */
    boolean acceptForm(String word) {
        boolean found = isForm(word);
        if (found) {
            at += 2;
        }
        return found;
    }

    void open(String word) {
        if (!acceptForm(word)) {
            if (is(TokenKind.OPEN)) {
                at++;
            }
            throw unexpected("(" + word + " …)");
        }
    }

    void close() {
        expect(TokenKind.CLOSE, ")");
    }

    void expect(TokenKind kind, String what) {
        if (!is(kind)) {
            throw unexpected(what);
        }
        at++;
    }

    /** A word. */
    String keyword(String what) {
        if (!is(TokenKind.KEYWORD)) {
            throw unexpected(what);
        }
        return text(at++);
    }

    /** Goes over everything up to the parenthesis that closes the form whose opening one is next, and over that. */
    void skipForm() {
        int depth = 0;
        do {
            switch (kind()) {
                case OPEN -> depth++;
                case CLOSE -> depth--;
                case END -> throw unexpected(")");
                default -> {}
            }
            at++;
        } while (depth > 0);
    }

    /** The bytes of a string. */
    byte[] string(String what) {
        if (!is(TokenKind.STRING)) {
            throw unexpected(what);
        }
        int token = at++;
        return StringLiteral.bytes(tokens.source(), tokens.start(token), tokens.end(token));
    }

    /** A string that is UTF-8. */
    String name(String what) {
        int token = at;
        byte[] bytes = string(what);
        if (!Utf8.isValid(bytes)) {
            throw error(token, "malformed UTF-8 encoding of " + what);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** All strings that follow, one after the other. */
    byte[] strings() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (is(TokenKind.STRING)) {
            bytes.writeBytes(string("a string"));
        }
        return bytes.toByteArray();
    }

    /** The name of an identifier without its dollar sign, if one is next. */
    Optional<String> id() {
        return is(TokenKind.ID) ? Optional.of(takeId()) : Optional.empty();
    }

    private String takeId() {
        int start = tokens.start(at) + 1;
        int end = tokens.end(at++);
        byte[] source = tokens.source();
        if (source[start] == '"') {
            return new String(StringLiteral.bytes(source, start, end), StandardCharsets.UTF_8);
        }
        return new String(source, start, end - start, StandardCharsets.US_ASCII);
    }

    boolean isIndex() {
        return is(TokenKind.NATURAL) || is(TokenKind.ID);
    }

    /** A number or a name of something in {@code space}. */
    int index(IndexSpace space) {
        int token = at;
        Optional<String> id = id();
        if (id.isPresent()) {
            return space.find(id.get()).orElseThrow(() -> error(token, space.unknown(id.get())));
        }
        return u32(space.expected());
    }

    int u32(String what) {
        return (int) natural(what, 32);
    }

    /** A natural number of so many bits. */
    long natural(String what, int bits) {
        if (!is(TokenKind.NATURAL)) {
            throw unexpected(what);
        }
        String text = text();
        long value = NumberText.integer(text, bits)
                .orElseThrow(() -> error("i" + bits + " constant out of range: " + text + " as " + what));
        at++;
        return value;
    }

    /** An integer as a constant of so many bits. */
    long integer(int bits) {
        if (!is(TokenKind.NATURAL) && !is(TokenKind.INTEGER)) {
            throw notANumber("an integer");
        }
        String text = text();
        long value = NumberText.integer(text, bits).orElseThrow(() -> outOfRange(text));
        at++;
        return value;
    }

    int f32() {
        String text = floatText();
        int bits = NumberText.f32(text).orElseThrow(() -> outOfRange(text));
        at++;
        return bits;
    }

    long f64() {
        String text = floatText();
        long bits = NumberText.f64(text).orElseThrow(() -> outOfRange(text));
        at++;
        return bits;
    }

    boolean isNumber() {
        return is(TokenKind.NATURAL) || is(TokenKind.INTEGER) || is(TokenKind.FLOAT);
    }

    private String floatText() {
        if (!isNumber()) {
            throw notANumber("a number");
        }
        return text();
    }

    private TextException notANumber(String what) {
        return is(TokenKind.FLOAT) ? outOfRange(text()) : unexpected(what);
    }

    private TextException outOfRange(String text) {
        return error("constant out of range: " + text);
    }

    /** Where the next token stands, as a line from 1. */
    int line() {
        return tokens.line(at);
    }

    TextException error(String message) {
        return error(at, message);
    }

    TextException error(int token, String message) {
        return Tokens.error(tokens.source(), tokens.start(token), message);
    }

    /** Whether the next token has no meaning anywhere. */
    boolean isUnknown() {
        return is(TokenKind.RESERVED) || is(TokenKind.KEYWORD) && !isKnown(text());
    }

    /** An error that there is something else than {@code expected}. */
    TextException unexpected(String expected) {
        if (isUnknown()) {
            return error("unknown operator " + text() + ": expected " + expected);
        }
        String found = is(TokenKind.END) ? "the end" : text();
        return error("unexpected token " + found + ": expected " + expected);
    }

    private static boolean isKnown(String word) {
        return WORDS.contains(word)
                || Instruction.named(word) != null
                || HeapTypes.value(word) != null
                || HeapTypes.heap(word) != null
                || word.startsWith("offset=")
                || word.startsWith("align=");
    }

    /** Whether an annotation of this name stands before the next token. */
    boolean isAnnotated(String name) {
        return !annotations(name).isEmpty();
    }

    /** The annotations of this name before the next token, in order; they count as understood. */
    List<Annotation> takeAnnotations(String name) {
        List<Annotation> found = annotations(name);
        understood.addAll(found);
        return found;
    }

    private List<Annotation> annotations(String name) {
        List<Annotation> all = tokens.annotations();
        if (all.isEmpty()) {
            return List.of();
        }
        List<Annotation> found = new ArrayList<>();
        for (int i = firstAnnotation(all); i < all.size() && all.get(i).token() == at; i++) {
            if (all.get(i).name().equals(name)) {
                found.add(all.get(i));
            }
        }
        return found;
    }

    /** The number of the first annotation that is not before an earlier token than the next. */
    private int firstAnnotation(List<Annotation> all) {
        int low = 0;
        int high = all.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (all.get(middle).token() < at) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The annotations up to a token, from the next one, that nothing has understood. */
    List<Annotation> misplacedAnnotations(int end) {
        return tokens.annotations().stream()
                .filter(annotation -> annotation.token() >= at && annotation.token() <= end)
                .filter(annotation -> !understood.contains(annotation))
                .toList();
    }

    /** What stands in an annotation. */
    Cursor content(Annotation annotation) {
        return new Cursor(Lexer.lex(tokens.source(), annotation.start(), annotation.end()));
    }

    /** The name in the annotation {@code (@name "…")} before the next token, if it is there. */
    Optional<String> nameAnnotation(String what) {
        List<Annotation> names = takeAnnotations("name");
        if (names.size() > 1) {
            throw error(names.get(1), "@name annotation: multiple " + what + " names");
        }
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(content(names.getFirst()).onlyName());
    }

    private String onlyName() {
        String name = name("a name");
        expect(TokenKind.END, "one string only");
        return name;
    }

    TextException error(Annotation annotation, String message) {
        return Tokens.error(tokens.source(), annotation.offset(), message);
    }
}
