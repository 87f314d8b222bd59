package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Guests call the host with every kind of value, in both forms of host function, and the host calls back. */
class HostFunctionTest {
    /** What the host throws; it is no {@link WasmException}. */
    private static final class HostFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        HostFailure(String message) {
            super(message);
        }
    }

    /** The functions of {@code host.wat} as Java methods; {@code pair} has two results, which only the other form can give. */
    static final class Methods {
        private Methods() {}

        @HostName("nothing")
        static void nothing(Instance caller) {
            caller.data(AtomicInteger.class).incrementAndGet();
        }

        @HostName("mix")
        static double mix(Instance caller, int a, long b, float c, double d) {
            return a + (double) (b >>> 40) + c + d;
        }

        @HostName("extern")
        static @Nullable Object extern(Instance caller, @Nullable Object reference) {
            return reference instanceof String text ? text + "!" : reference;
        }

        @HostName("func")
        static @Nullable Function func(Instance caller, @Nullable Function function) {
            return function;
        }

        @HostName("fail")
        static int fail(Instance caller, int how) {
            return switch (how) {
                case 0 -> throw new HostFailure("from the host");
                case 1 -> throw new Trap(Trap.Kind.UNREACHABLE, "the host says so");
                case 2 -> throw new ArithmeticException("/ by zero");
                case 3 -> throw new ArrayIndexOutOfBoundsException("of the host");
                case 4 -> throw new NullPointerException("of the host");
                case 5 -> throw new ClassCastException("of the host");
                case 6 -> throw new NegativeArraySizeException("of the host");
                default -> how;
            };
        }

        @HostName("upper")
        static void upper(Instance caller, int address, int length) {
            Memory memory = caller.memory();
            String text = memory.readString(address, length).toUpperCase(Locale.ROOT);
            for (int i = 0; i < length; i++) {
                memory.writeByte(address + i, text.charAt(i));
            }
        }

        @HostName("again")
        static int again(Instance caller, int depth) {
            return (Integer) one(TestModules.call(caller, "again", depth - 1)) + 1;
        }

        @HostName("i64")
        static long i64(Instance caller, long value) {
            return ~value;
        }

        @HostName("f32")
        static float f32(Instance caller, float value) {
            return Float.intBitsToFloat(Float.floatToRawIntBits(value) ^ 1);
        }
    }

    private static Object one(@Nullable Object[] results) {
        assertEquals(1, results.length);
        return java.util.Objects.requireNonNull(results[0]);
    }

    private static HostFunction pair() {
        return HostFunction.of(FunctionType.of(ValueType.I32).returning(ValueType.I64, ValueType.F32), (_, arguments) ->
                new Object[] {(Integer) arguments[0] * 10L, (Integer) arguments[0] / 2f});
    }

    /** The host's functions as methods that compiled code calls directly. */
    private static Imports direct() {
        return Imports.builder()
                .methods("h", MethodHandles.lookup(), Methods.class)
                .function("h", "pair", pair())
                .build();
    }

    /** The same, each behind the boxed form. */
    private static Imports boxed() {
        Imports.Builder builder = Imports.builder().function("h", "pair", pair());
        Arrays.stream(Methods.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(HostName.class))
                .forEach(method -> {
                    try {
                        var handle = MethodHandles.lookup().unreflect(method);
                        FunctionType type = HostFunction.of(handle).type();
                        var spread = handle.asSpreader(
                                Object[].class, type.parameters().size());
                        HostFunction.Body body = (caller, arguments) -> {
                            Object result = invoke(spread, caller, arguments);
                            return type.results().isEmpty() ? new Object[0] : new Object[] {result};
                        };
                        builder.function(
                                "h", method.getAnnotation(HostName.class).value(), HostFunction.of(type, body));
                    } catch (IllegalAccessException e) {
                        throw new AssertionError(e);
                    }
                });
        return builder.build();
    }

    private static @Nullable Object invoke(
            java.lang.invoke.MethodHandle handle, Instance caller, @Nullable Object[] arguments) {
        try {
            return handle.invoke(caller, arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static Stream<DynamicTest> inBothForms(java.util.function.Consumer<Instance> test) {
        Module module = TestModules.module("host");
        return Stream.of("direct", "boxed")
                .map(form -> DynamicTest.dynamicTest(form, () -> {
                    Imports imports = form.equals("direct") ? direct() : boxed();
                    test.accept(module.link(imports).instantiate(RunLimits.none(), new AtomicInteger()));
                }));
    }

    @TestFactory
    Stream<DynamicTest> aHostFunctionFindsItsStateOnTheInstance() {
        return inBothForms(instance -> {
            TestModules.call(instance, "nothing");
            assertEquals(2, instance.data(AtomicInteger.class).get());
        });
    }

    @TestFactory
    Stream<DynamicTest> numbersOfEveryTypeArrive() {
        return inBothForms(instance -> {
            assertEquals(-1 + (double) (Long.MAX_VALUE >>> 40) + 1.5 - 2.25, one(TestModules.call(instance, "mix")));
            assertEquals(~(1L << 40), one(TestModules.call(instance, "i64", 1L << 40)));
            Object nan = one(TestModules.call(instance, "f32", Float.intBitsToFloat(0x7fc1_2344)));
            assertEquals(0x7fc1_2345, Float.floatToRawIntBits((Float) nan));
        });
    }

    @TestFactory
    Stream<DynamicTest> manyResultsComeBack() {
        return inBothForms(instance -> {
            for (String name : List.of("pair", "pair-indirect", "pair-tail", "pair-itself")) {
                assertArrayEquals(new Object[] {70L, 3.5f}, TestModules.call(instance, name, 7), name);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> referencesGoThroughUnchanged() {
        return inBothForms(instance -> {
            Object token = new Object();
            assertSame(token, one(TestModules.call(instance, "extern", token)));
            assertEquals("a!", one(TestModules.call(instance, "extern", "a")));
            assertEquals(null, TestModules.call(instance, "extern", new Object[] {null})[0]);
            assertEquals(42, one(TestModules.call(instance, "func")));
            assertEquals(1, one(TestModules.call(instance, "func-null")));
        });
    }

    @TestFactory
    Stream<DynamicTest> whatTheHostThrowsPassesThroughTheGuest() {
        return inBothForms(instance -> {
            assertEquals("from the host", thrown(HostFailure.class, instance, 0).getMessage());
            assertEquals(Trap.Kind.UNREACHABLE, ((Trap) thrown(Trap.class, instance, 1)).kind());
            assertEquals("the host says so", thrown(Trap.class, instance, 1).getMessage());
            assertEquals(77, one(TestModules.call(instance, "fail", 77)));
        });
    }

    /** The engine makes traps of some exceptions of its own code; the host's must not be mistaken for these. */
    @TestFactory
    Stream<DynamicTest> anExceptionOfTheHostIsNotTakenForATrap() {
        return inBothForms(instance -> {
            thrown(ArithmeticException.class, instance, 2);
            thrown(ArrayIndexOutOfBoundsException.class, instance, 3);
            thrown(NullPointerException.class, instance, 4);
            thrown(ClassCastException.class, instance, 5);
            thrown(NegativeArraySizeException.class, instance, 6);
        });
    }

    private static Throwable thrown(Class<? extends Throwable> type, Instance instance, int how) {
        return assertThrows(type, () -> TestModules.call(instance, "fail", how));
    }

    @TestFactory
    Stream<DynamicTest> theHostReadsAndWritesTheMemory() {
        return inBothForms(instance -> {
            long bytes = (Long) one(TestModules.call(instance, "upper"));
            assertEquals(0x0045_4741_564c_4553L, bytes);
        });
    }

    @TestFactory
    Stream<DynamicTest> hostAndGuestCallEachOther() {
        return inBothForms(instance -> assertEquals(200, one(TestModules.call(instance, "again", 100))));
    }

    @TestFactory
    Stream<DynamicTest> endlessRecursionThroughTheHostIsATrap() {
        return inBothForms(instance -> {
            Trap trap = assertThrows(Trap.class, () -> TestModules.call(instance, "again", Integer.MAX_VALUE));
            assertEquals(Trap.Kind.CALL_STACK_EXHAUSTED, trap.kind());
        });
    }

    @Test
    void argumentsThatDoNotFitAreRefused() {
        Instance instance =
                TestModules.module("host").link(direct()).instantiate(RunLimits.none(), new AtomicInteger());
        assertThrows(IllegalArgumentException.class, () -> TestModules.call(instance, "pair"));
        assertThrows(IllegalArgumentException.class, () -> TestModules.call(instance, "pair", 1L));
        assertThrows(IllegalArgumentException.class, () -> TestModules.call(instance, "pair", 1, 2));
        assertThrows(IllegalArgumentException.class, () -> TestModules.call(instance, "i64", 1));
        assertThrows(IllegalArgumentException.class, () -> TestModules.call(instance, "pair", new Object[] {null}));
    }
}
