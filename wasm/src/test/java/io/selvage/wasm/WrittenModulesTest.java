package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The modules written by hand in {@code src/test/modules} answer each call, in order, as V8 did. */
class WrittenModulesTest {
    @TestFactory
    Stream<DynamicTest> calls() {
        return Stream.of("control", "calls", "tailcalls", "tables", "bulk", "globals")
                .map(name -> DynamicTest.dynamicTest(name, () -> check(name)));
    }

    /** The calls belong together: they share one instance's state. */
    private static void check(String name) {
        Instance instance = TestModules.instance(name);
        List<String> actual = new ArrayList<>();
        List<String> expected = TestModules.table(name);
        for (String line : expected) {
            String call = line.substring(0, line.indexOf(" ="));
            String answer = line.substring(line.indexOf(" =") + 2).strip();
            actual.add((call + " = " + answer(instance, call, answer)).strip());
        }
        assertEquals(String.join("\n", expected), String.join("\n", actual));
    }

    private static String answer(Instance instance, String call, String expected) {
        String[] words = call.split(" ");
        try {
            @Nullable
            Object[] results = TestModules.call(
                    instance,
                    words[0],
                    Arrays.stream(words)
                            .skip(1)
                            .map(WrittenModulesTest::argument)
                            .toArray());
            String[] wanted = expected.split(" ");
            List<String> shown = new ArrayList<>();
            for (int i = 0; i < results.length; i++) {
                shown.add(show(results[i], i < wanted.length ? wanted[i] : ""));
            }
            return String.join(" ", shown);
        } catch (Trap trap) {
            return "trap " + trap.kind();
        }
    }

    private static @Nullable Object argument(String text) {
        String[] parts = text.split(":", 2);
        return switch (parts[0]) {
            case "i32" -> integer(parts[1]).intValue();
            case "i64" -> integer(parts[1]).longValue();
            case "f32" -> Float.parseFloat(parts[1]);
            case "f64" -> Double.parseDouble(parts[1]);
            default -> parts[1].equals("null") ? null : parts[1];
        };
    }

    private static BigInteger integer(String text) {
        return text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
    }

    /** The result as in the table; a float that is the same number as {@code wanted} is written like it. */
    private static String show(@Nullable Object result, String wanted) {
        return switch (result) {
            case null -> "null";
            case Function _ -> "func";
            case String text -> '"' + text + '"';
            case Float number -> same(number, wanted) ? wanted : number.toString();
            case Double number -> same(number, wanted) ? wanted : number.toString();
            default -> result.toString();
        };
    }

    private static boolean same(double number, String wanted) {
        try {
            return Double.compare(Double.parseDouble(wanted), number) == 0;
        } catch (NumberFormatException _) {
            return false;
        }
    }

    @TestFactory
    Stream<DynamicTest> methodHandlesAnswerLikeCalls() throws Throwable {
        Instance instance = TestModules.instance("calls");
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest(
                "one result",
                () -> assertEquals(9, (int)
                        TestModules.function(instance, "direct").handle().invokeExact(5))));
        tests.add(DynamicTest.dynamicTest(
                "many results",
                () -> assertEquals(
                        "-4.25 3.5 -2 -99",
                        Arrays.stream((Object[]) TestModules.function(instance, "reverse")
                                        .handle()
                                        .invokeExact(1, -2L, 3.5f, -4.25, 100))
                                .map(Object::toString)
                                .collect(Collectors.joining(" ")))));
        return tests.stream();
    }
}
