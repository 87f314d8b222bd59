package io.selvage.esi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a page as it comes, in any charset that contains ASCII: everything but its tags passes byte for byte. Holds back no more
 * than one tag, and what lies in an {@code esi:try} or {@code esi:choose} that has not ended. Not thread-safe.
 */
final class PageReader {
    /** The longest tag, bytes; longer ones are text. */
    static final int LONGEST_TAG = 16 << 10;

    private static final int MOST_MISTAKES = 20;

    /** More has to come before it is known what begins here. */
    private static final int MORE = -1;

    private static final String OPEN = "<esi:";
    private static final String CLOSE = "</esi:";
    private static final String MARK = "<!--esi";
    private static final String MARK_END = "-->";
    private static final Pattern NAME = Pattern.compile("[a-z]{1,32}");
    private static final Pattern ATTRIBUTE =
            Pattern.compile("\\s*([A-Za-z_:-]{1,64})\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)')");

    private final OpenTags tags = new OpenTags();
    private final List<Mistake> mistakes = new ArrayList<>();
    private String text = "";
    private int at;
    private boolean marked;
    private int line = 1;
    private int column = 1;

    /**
     * Takes the next bytes of the page.
     *
     * @return the pieces that are complete
     * @throws PageException if tags are nested too deeply
     */
    List<Piece> read(byte[] bytes) {
        text = text.substring(at) + new String(bytes, StandardCharsets.ISO_8859_1);
        at = 0;
        read(false);
        return tags.taken();
    }

    /** The last pieces: the page has come. */
    List<Piece> end() {
        read(true);
        tags.closeAll().forEach(name -> mistake("<esi:" + name + "> is not closed; add </esi:" + name + ">"));
        return tags.taken();
    }

    /** What was left out so far, the first {@value #MOST_MISTAKES}. */
    List<Mistake> mistakes() {
        return List.copyOf(mistakes);
    }

    private void read(boolean isEnd) {
        int from = at;
        while (from < text.length()) {
            int next = token(from);
            if (next < 0) {
                break;
            }
            int after = text.charAt(next) == '$' ? reference(next, isEnd) : markup(next, isEnd);
            if (after == MORE) {
                pass(next);
                return;
            }
            from = Math.max(after, next + 1);
        }
        pass(text.length());
    }

    /** Where the next character is that may begin something; -1 if there is none. */
    private int token(int from) {
        int next = text.indexOf('<', from);
        if (marked) {
            next = earlier(next, text.indexOf('-', from));
        }
        return tags.expands() ? earlier(next, text.indexOf('$', from)) : next;
    }

    private static int earlier(int one, int other) {
        return one < 0 ? other : other < 0 ? one : Math.min(one, other);
    }

    /** Reads what begins here: where it ends, {@code from} if it is text, or {@link #MORE}. */
    private int markup(int from, boolean isEnd) {
        if (!isEnd && mayBegin(from)) {
            return MORE;
        }
        if (marked && text.startsWith(MARK_END, from)) {
            marked = false;
            return skip(from, from + MARK_END.length());
        }
        if (!marked && text.startsWith(MARK, from) && !isLetter(from + MARK.length())) {
            marked = true;
            return skip(from, from + MARK.length());
        }
        if (text.startsWith(OPEN, from) || text.startsWith(CLOSE, from)) {
            return tag(from, isEnd);
        }
        return from;
    }

    /** Whether the text ends within what may become a token. */
    private boolean mayBegin(int from) {
        int left = text.length() - from;
        return (left <= MARK.length() && MARK.startsWith(text.substring(from)))
                || (left < OPEN.length() && text.startsWith(OPEN.substring(0, left), from))
                || (left < CLOSE.length() && text.startsWith(CLOSE.substring(0, left), from))
                || (left < MARK_END.length() && text.startsWith(MARK_END.substring(0, left), from));
    }

    private boolean isLetter(int index) {
        return index < text.length() && Character.isLetterOrDigit(text.charAt(index));
    }

    private int reference(int from, boolean isEnd) {
        Optional<Matcher> found = Reference.at(text, from);
        if (found.isPresent()) {
            pass(from);
            tags.add(new Piece.Value(Reference.of(found.get())));
            return skip(from, found.get().end());
        }
        boolean open = text.length() - from < Reference.LONGEST
                && "$(".startsWith(text.substring(from, Math.min(text.length(), from + 2)))
                && text.indexOf(')', from) < 0;
        return open && !isEnd ? MORE : from;
    }

    private int tag(int from, boolean isEnd) {
        int end = tagEnd(from);
        if (end < 0 && text.length() - from <= LONGEST_TAG && !isEnd) {
            return MORE;
        }
        pass(from);
        if (end < 0 && isEnd && text.length() - from <= LONGEST_TAG) {
            mistake("a quote or a tag is not closed");
            return skip(from, bracket(from + 1));
        }
        if (end >= 0 && text.charAt(end) == '<') {
            mistake("a tag is not closed; add >");
            return skip(from, end);
        }
        if (end < 0 || end - from > LONGEST_TAG) {
            mistake("a tag is longer than " + LONGEST_TAG + " bytes");
            return from;
        }
        boolean closes = text.charAt(from + 1) == '/';
        String inside = text.substring(from + (closes ? CLOSE : OPEN).length(), end);
        Matcher name = NAME.matcher(inside);
        String named = name.lookingAt() ? name.group() : "";
        String rest = inside.substring(named.length());
        if (closes) {
            close(named);
        } else {
            open(named, rest);
        }
        return skip(from, end + 1);
    }

    /** Behind the next {@code >}, or where the next tag begins: a page with an open quote loses one tag and not its rest. */
    private int bracket(int from) {
        int next = from;
        while (next < text.length() && text.charAt(next) != '<') {
            if (text.charAt(next++) == '>') {
                return next;
            }
        }
        return next;
    }

    /**
     * Where the {@code >} of a tag is, outside of its attributes' quotes, or the {@code <} of the next if it has none; -1 if it has
     * not come.
     */
    private int tagEnd(int from) {
        char quote = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '>' || (c == '<' && i > from)) {
                return i;
            }
        }
        return -1;
    }

    private void open(String name, String rest) {
        boolean alone = rest.endsWith("/");
        Map<String, String> attributes = attributes(alone ? rest.substring(0, rest.length() - 1) : rest);
        switch (name) {
            case "include" -> include(attributes);
            case "comment" -> {}
            case "vars", "remove", "try", "attempt", "except", "choose", "when", "otherwise" -> {
                if (!tags.open(name, name.equals("when") ? test(attributes) : Condition.NEVER)) {
                    mistake("<esi:" + name + "> cannot stand here; "
                            + (name.equals("attempt") || name.equals("except")
                                    ? "it belongs into <esi:try>"
                                    : "it belongs into <esi:choose>"));
                } else if (alone) {
                    close(name);
                }
            }
            default -> mistake("there is no <esi:" + name + ">");
        }
    }

    private void close(String name) {
        if (!name.equals("include") && !name.equals("comment") && !tags.close(name)) {
            mistake("</esi:" + name + "> closes nothing");
        }
    }

    private void include(Map<String, String> attributes) {
        String source = attributes.getOrDefault("src", "");
        if (source.isEmpty()) {
            mistake("<esi:include> has no src; write <esi:include src=\"/a\"/>");
            return;
        }
        tags.add(new Piece.Include(
                Template.parse(source),
                Optional.ofNullable(attributes.get("alt")).map(Template::parse),
                "continue".equals(attributes.get("onerror"))));
    }

    private Condition test(Map<String, String> attributes) {
        String test = attributes.getOrDefault("test", "");
        Optional<Condition> read = Condition.parse(test);
        if (read.isEmpty()) {
            mistake("the test of <esi:when> is malformed: write test=\"$(HTTP_COOKIE{group}) == 'a'\"");
        }
        return read.orElse(Condition.NEVER);
    }

    private Map<String, String> attributes(String inside) {
        Map<String, String> attributes = new HashMap<>();
        Matcher matcher = ATTRIBUTE.matcher(inside);
        int end = 0;
        while (matcher.region(end, inside.length()).lookingAt()) {
            String value = matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
            attributes.putIfAbsent(matcher.group(1), unescaped(value));
            end = matcher.end();
        }
        if (!inside.substring(end).isBlank()) {
            mistake("the attributes of a tag are malformed; write name=\"value\"");
        }
        return attributes;
    }

    private static String unescaped(String value) {
        return value.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&amp;", "&");
    }

    private void mistake(String what) {
        if (mistakes.size() < MOST_MISTAKES) {
            mistakes.add(new Mistake(line, column, what));
        }
    }

    /** Lets what comes before this index go on as text. */
    private void pass(int to) {
        if (to > at) {
            tags.add(text.substring(at, to));
            skip(at, to);
        }
    }

    /** Leaves out what lies between two indices; what comes before has been passed on. */
    private int skip(int from, int to) {
        pass(from);
        for (int i = text.indexOf('\n', from); i >= 0 && i < to; i = text.indexOf('\n', i + 1)) {
            line++;
            column = 1;
            at = i + 1;
        }
        column += to - at;
        at = to;
        return to;
    }
}
