package io.selvage.esi;

import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;

/** Reads one test from left to right. Not thread-safe. */
final class ConditionReader {
    private static final int DEEPEST = 16;

    /** The text is no test. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed() {
            super(null, null, false, false);
        }
    }

    /** A value in a test: a text, a number or a variable. */
    @FunctionalInterface
    private interface Operand {
        String value(Variables variables);
    }

    private final String text;
    private int at;

    ConditionReader(String text) {
        this.text = text;
    }

    /** The test; nothing if it is malformed. */
    Optional<Condition> read() {
        try {
            Condition condition = any(0);
            return isAtEnd() ? Optional.of(condition) : Optional.empty();
        } catch (Malformed _) {
            return Optional.empty();
        }
    }

    private boolean isAtEnd() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at == text.length();
    }

    private boolean takes(String token) {
        boolean found = !isAtEnd() && text.startsWith(token, at);
        at += found ? token.length() : 0;
        return found;
    }

    private Condition any(int depth) throws Malformed {
        Condition left = all(depth);
        while (takes("||") || takes("|")) {
            Condition before = left;
            Condition next = all(depth);
            left = variables -> before.holds(variables) || next.holds(variables);
        }
        return left;
    }

    private Condition all(int depth) throws Malformed {
        Condition left = one(depth);
        while (takes("&&") || takes("&")) {
            Condition before = left;
            Condition next = one(depth);
            left = variables -> before.holds(variables) && next.holds(variables);
        }
        return left;
    }

    private Condition one(int depth) throws Malformed {
        if (depth > DEEPEST) {
            throw new Malformed();
        }
        if (takes("!")) {
            Condition negated = one(depth + 1);
            return variables -> !negated.holds(variables);
        }
        if (takes("(")) {
            Condition inner = any(depth + 1);
            if (!takes(")")) {
                throw new Malformed();
            }
            return inner;
        }
        return comparison();
    }

    private Condition comparison() throws Malformed {
        Operand left = operand();
        if (takes("==")) {
            return compared(left, operand(), order -> order == 0);
        } else if (takes("!=")) {
            return compared(left, operand(), order -> order != 0);
        } else if (takes("<=")) {
            return compared(left, operand(), order -> order <= 0);
        } else if (takes(">=")) {
            return compared(left, operand(), order -> order >= 0);
        } else if (takes("<")) {
            return compared(left, operand(), order -> order < 0);
        } else if (takes(">")) {
            return compared(left, operand(), order -> order > 0);
        }
        return variables -> !left.value(variables).isEmpty();
    }

    private static Condition compared(Operand left, Operand right, IntPredicate wanted) {
        return variables -> wanted.test(compare(left.value(variables), right.value(variables)));
    }

    private static int compare(String left, String right) {
        return left.matches("-?\\d{1,15}") && right.matches("-?\\d{1,15}")
                ? Long.compare(Long.parseLong(left), Long.parseLong(right))
                : left.compareTo(right);
    }

    private Operand operand() throws Malformed {
        if (isAtEnd()) {
            throw new Malformed();
        }
        Optional<Matcher> found = Reference.at(text, at);
        if (found.isPresent()) {
            at = found.get().end();
            Reference reference = Reference.of(found.get());
            return variables -> {
                String value = variables.value(reference);
                return value.isEmpty() ? reference.otherwise() : value;
            };
        }
        int from = at;
        if (takes("'")) {
            int end = text.indexOf('\'', at);
            if (end < 0) {
                throw new Malformed();
            }
            String literal = text.substring(at, end);
            at = end + 1;
            return _ -> literal;
        }
        at += text.charAt(at) == '-' ? 1 : 0;
        while (at < text.length() && Character.isDigit(text.charAt(at))) {
            at++;
        }
        String number = text.substring(from, at);
        if (!number.matches("-?\\d{1,15}")) {
            throw new Malformed();
        }
        return _ -> number;
    }
}
