package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every numeric instruction, load and store answers what V8 answered for every combination of edge values. */
class InstructionTableTest {
    /** How many of the values are used where there are two operands. */
    private static final int PAIRED = 24;

    /** One function of the table with its results, still as text. */
    private record Operation(String name, List<ValueType> parameters, ValueType result, List<String> results) {
        /** The name without what says how the instruction is used: in a branch, with a constant … */
        String instruction() {
            return name.split("/")[0];
        }
    }

    @TestFactory
    Stream<DynamicTest> numericInstructions() {
        Map<ValueType, List<Long>> values = new HashMap<>();
        List<Operation> operations = operations(values);
        Instance instance = TestModules.instance("numeric");
        Map<String, List<Operation>> byInstruction = operations.stream()
                .collect(Collectors.groupingBy(Operation::instruction, LinkedHashMap::new, Collectors.toList()));
        return byInstruction.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> entry.getValue().forEach(operation -> check(instance, operation, values))));
    }

    private static List<Operation> operations(Map<ValueType, List<Long>> values) {
        List<Operation> operations = new ArrayList<>();
        String head = "";
        for (String line : TestModules.table("numeric")) {
            if (line.startsWith("values ")) {
                String[] words = line.split(" ");
                values.put(
                        type(words[1]),
                        Arrays.stream(words)
                                .skip(2)
                                .map(w -> Long.parseUnsignedLong(w, 16))
                                .toList());
            } else if (line.startsWith("op ")) {
                head = line;
            } else {
                operations.add(operation(head, line));
            }
        }
        return operations;
    }

    private static Operation operation(String head, String results) {
        String[] sides = head.split(" -> ");
        String[] right = sides[1].split(" ", 2);
        List<ValueType> parameters = Arrays.stream(sides[0].split(" "))
                .skip(1)
                .map(InstructionTableTest::type)
                .toList();
        return new Operation(right[1], parameters, type(right[0]), runs(results));
    }

    /** Undoes {@code RESULT*COUNT}. */
    private static List<String> runs(String line) {
        List<String> results = new ArrayList<>();
        for (String run : line.split(" ")) {
            int star = run.indexOf('*');
            int count = star < 0 ? 1 : Integer.parseInt(run.substring(star + 1));
            for (int i = 0; i < count; i++) {
                results.add(star < 0 ? run : run.substring(0, star));
            }
        }
        return results;
    }

    private static void check(Instance instance, Operation operation, Map<ValueType, List<Long>> values) {
        Function function = TestModules.function(instance, operation.name());
        Function bits = TestModules.function(instance, "bits:" + operation.name());
        List<String> wrong = new ArrayList<>();
        int index = 0;
        for (long[] operands : operands(operation.parameters(), values)) {
            String expected = operation.results().get(index++);
            String actual = outcome(function, operation.parameters(), operands);
            String actualBits = outcome(
                    bits,
                    operation.parameters().stream()
                            .map(InstructionTableTest::asBits)
                            .toList(),
                    operands);
            if (!fits(expected, actual, operation.result()) || !fits(expected, actualBits, operation.result())) {
                wrong.add(show(operands) + ": expected " + expected + ", got " + actual + " and " + actualBits);
            }
        }
        assertEquals(index, operation.results().size(), "results in the table for " + operation.name());
        assertEquals(List.of(), wrong, operation.name());
    }

    private static List<long[]> operands(List<ValueType> types, Map<ValueType, List<Long>> values) {
        List<Long> first = values.get(types.getFirst());
        if (types.size() == 1) {
            return first.stream().map(value -> new long[] {value}).toList();
        }
        return first.stream()
                .limit(PAIRED)
                .flatMap(a -> values.get(types.get(1)).stream().limit(PAIRED).map(b -> new long[] {a, b}))
                .toList();
    }

    private static String outcome(Function function, List<ValueType> types, long[] operands) {
        Object[] arguments = new Object[operands.length];
        for (int i = 0; i < operands.length; i++) {
            arguments[i] = box(types.get(i), operands[i]);
        }
        try {
            return Long.toHexString(Values.bits(function.call(arguments)[0]));
        } catch (Trap trap) {
            return trap.kind().name();
        }
    }

    private static boolean fits(String expected, String actual, ValueType type) {
        if (!expected.startsWith("~")) {
            return expected.equals(actual);
        }
        long bits = Long.parseUnsignedLong(actual, 16);
        long quiet = type == ValueType.F32 ? 0x7fc0_0000L : 0x7ff8_0000_0000_0000L;
        long magnitude = bits & (type == ValueType.F32 ? 0x7fff_ffffL : Long.MAX_VALUE);
        return expected.equals("~c") ? magnitude == quiet : (bits & quiet) == quiet;
    }

    private static ValueType asBits(ValueType type) {
        return switch (type.kind()) {
            case F32 -> ValueType.I32;
            case F64 -> ValueType.I64;
            default -> type;
        };
    }

    private static Object box(ValueType type, long bits) {
        return switch (type.kind()) {
            case I32 -> (int) bits;
            case I64 -> bits;
            case F32 -> Float.intBitsToFloat((int) bits);
            default -> Double.longBitsToDouble(bits);
        };
    }

    private static String show(long[] operands) {
        return Arrays.stream(operands).mapToObj(Long::toHexString).toList().toString();
    }

    private static ValueType type(String name) {
        return Stream.of(ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64)
                .filter(type -> type.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @TestFactory
    Stream<DynamicTest> loadsAndStores() {
        List<String> lines = TestModules.table("memory");
        List<Integer> addresses = Arrays.stream(lines.getFirst().split(" "))
                .skip(1)
                .map(Integer::parseUnsignedInt)
                .toList();
        Instance instance = TestModules.instance("memory");
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 1; i < lines.size(); i += 2) {
            String[] head = lines.get(i).split(" ", 3);
            String expected = lines.get(i + 1);
            tests.add(DynamicTest.dynamicTest(head[2], () -> {
                Function function = TestModules.function(instance, head[2]);
                switch (head[0]) {
                    case "load" -> assertEquals(runs(expected), loads(function, addresses));
                    case "constant" -> assertEquals(expected, outcome(function, List.of(), new long[0]));
                    default -> assertEquals(runs(expected), stores(instance, function, type(head[1]), addresses));
                }
            }));
        }
        return tests.stream();
    }

    private static List<String> loads(Function function, List<Integer> addresses) {
        return addresses.stream()
                .map(address -> outcome(function, List.of(ValueType.I32), new long[] {address}))
                .toList();
    }

    /** What each store did, and a checksum of the memory after all of them. */
    private static List<String> stores(Instance instance, Function function, ValueType type, List<Integer> addresses) {
        List<String> results = new ArrayList<>();
        for (int address : addresses) {
            long value = 0x9182_a3b4_c5d6_e7f8L ^ Integer.toUnsignedLong(address);
            try {
                function.call(address, box(asBits(type), value));
                results.add("ok");
            } catch (Trap trap) {
                results.add(trap.kind().name());
            }
        }
        CRC32 crc = new CRC32();
        Memory memory = instance.memory("memory").orElseThrow();
        crc.update(memory.bytes(), 0, memory.size());
        results.add(String.format("%08x", crc.getValue()));
        return results;
    }
}
