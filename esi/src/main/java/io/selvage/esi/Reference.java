package io.selvage.esi;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place where a variable is put in: {@code $(NAME)}, {@code $(NAME{key})}, {@code $(NAME{key}|default)}.
 *
 * @param key which member of it; empty for the whole
 * @param otherwise what stands there if it has no value, as the page's author wrote it
 */
public record Reference(String name, String key, String otherwise) {
    /** The longest reference, characters. */
    static final int LONGEST = 256;

    private static final Pattern SYNTAX =
            Pattern.compile("\\$\\(([A-Z_]{1,64})(?:\\{([^{}()]{0,128})})?(?:\\|(?:'([^']*)'|([^'()\\s]*)))?\\)");

    /** The reference at a place of a text, and where it ends; nothing if there is none. */
    static Optional<Matcher> at(String text, int index) {
        Matcher matcher = SYNTAX.matcher(text).region(index, Math.min(text.length(), index + LONGEST));
        return matcher.lookingAt() ? Optional.of(matcher) : Optional.empty();
    }

    /** The reference that was found. */
    static Reference of(Matcher found) {
        String quoted = found.group(3);
        String plain = found.group(4);
        String key = found.group(2);
        String otherwise = quoted != null ? quoted : plain != null ? plain : "";
        return new Reference(found.group(1), key == null ? "" : key, otherwise);
    }
}
