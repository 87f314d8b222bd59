package io.selvage.rules;

/**
 * A text in which a regular expression may look at only so many characters, again and again the same ones among them: a careless
 * pattern takes time that grows as a power of the text, or worse, and would hold up everybody. For one search.
 */
final class CostlyText implements CharSequence {
    private static final int LOOKS = 1_000_000;

    private final String text;
    private int looks;

    CostlyText(String text) {
        this.text = text;
    }

    @Override
    public int length() {
        return text.length();
    }

    /**
     * A character.
     *
     * @throws IllegalArgumentException with a message for people, after a million
     */
    @Override
    public char charAt(int index) {
        if (++looks > LOOKS) {
            throw new IllegalArgumentException("it takes too long to match");
        }
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.substring(start, end);
    }

    @Override
    public String toString() {
        return text;
    }
}
