package io.selvage.esi;

/**
 * Something in a page that is no ESI, and was left out.
 *
 * @param line the line of the page, from 1
 * @param column the byte in that line, from 1
 * @param text what is wrong, and what would be right
 */
public record Mistake(int line, int column, String text) {
    @Override
    public String toString() {
        return line + ":" + column + ": " + text;
    }
}
