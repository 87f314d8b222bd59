package io.selvage.wasm.text;

import io.selvage.wasm.text.ModuleWriter.Section;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A custom section that a text asks for, {@code (@custom "name" (before|after section)? "content"*)} (core spec §7.4.3).
 *
 * @param before how many sections with a fixed place come before it
 */
record CustomSection(String name, byte[] content, int before) {
    /** What the annotation is called. */
    static final String ANNOTATION = "custom";

    /** In the order of {@link Section}. */
    private static final List<String> SECTIONS = List.of(
            "type",
            "import",
            "func",
            "table",
            "memory",
            "tag",
            "global",
            "export",
            "start",
            "elem",
            "datacount",
            "code",
            "data");

    /** Reads the content of the annotation. */
    static CustomSection of(Cursor in) {
        if (!in.is(TokenKind.STRING)) {
            throw in.error("@custom annotation: missing section name");
        }
        int token = in.position();
        byte[] name = in.string("a name");
        if (!Utf8.isValid(name)) {
            throw in.error(token, "@custom annotation: malformed UTF-8 encoding");
        }
        int place = place(in);
        byte[] content = in.strings();
        if (!in.is(TokenKind.END)) {
            throw in.error("@custom annotation: unexpected token " + in.text());
        }
        return new CustomSection(new String(name, StandardCharsets.UTF_8), content, place);
    }

    private static int place(Cursor in) {
        if (!in.is(TokenKind.OPEN)) {
            return SECTIONS.size();
        }
        in.advance();
        boolean after = in.isKeyword("after");
        if (!after && !in.isKeyword("before")) {
            throw in.error("@custom annotation: malformed placement: before or after expected");
        }
        in.advance();
        String section = in.is(TokenKind.KEYWORD) ? in.text() : "";
        int index = section.equals("first") ? 0 : section.equals("last") ? SECTIONS.size() : SECTIONS.indexOf(section);
        if (index < 0) {
            throw in.error("@custom annotation: malformed section kind");
        }
        in.advance();
        in.close();
        return after && SECTIONS.contains(section) ? index + 1 : index;
    }
}
