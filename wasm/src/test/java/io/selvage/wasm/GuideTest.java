package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code docs/engine.md} shows. */
class GuideTest {
    /** {@code (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)}. */
    private static final byte[] ADD = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 3, 2, 1, 0, 7, 7, 1, 3, 'a', 'd', 'd', 0,
        0, 10, 9, 1, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b
    };

    /** Imports {@code env.now: () -> i64}; exports it called by {@code time}. */
    private static final byte[] TIME = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7e, 2, 11, 1, 3, 'e', 'n', 'v', 3, 'n', 'o', 'w', 0, 0, 3,
        2, 1, 0, 7, 8, 1, 4, 't', 'i', 'm', 'e', 0, 1, 10, 6, 1, 4, 0, 0x10, 0, 0x0b
    };

    /** Imports {@code env.log: (i32, i32) -> ()}; {@code run} logs the five bytes of its memory from 0. */
    private static final byte[] LOG = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 9, 2, 0x60, 2, 0x7f, 0x7f, 0, 0x60, 0, 0, 2, 11, 1, 3, 'e', 'n', 'v', 3, 'l',
        'o', 'g', 0, 0, 3, 2, 1, 1, 5, 3, 1, 0, 1, 7, 7, 1, 3, 'r', 'u', 'n', 0, 1, 10, 10, 1, 8, 0, 0x41, 0, 0x41, 5,
        0x10, 0, 0x0b, 11, 11, 1, 0, 0x41, 0, 0x0b, 5, 'h', 'e', 'l', 'l', 'o'
    };

    /** {@code (func (export "spin") loop br 0 end)}. */
    private static final byte[] SPIN = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 's', 'p', 'i', 'n', 0, 0, 10, 9, 1,
        7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b
    };

    static final class HostClock {
        private HostClock() {}

        @HostName("now")
        static long now(Instance caller) {
            return caller.data(Clock.class).millis();
        }
    }

    @Test
    void aFunctionIsCalledWithAndWithoutBoxes() throws Throwable {
        Instance instance = Engine.create().load(ADD).instantiate(Imports.none());
        Function add = instance.function("add").orElseThrow();
        assertEquals(3, add.call(1, 2)[0]);
        MethodHandle handle = add.handle();
        assertEquals(3, (int) handle.invokeExact(1, 2));
    }

    @Test
    void aHostFunctionReadsTheCallersMemory() {
        List<String> lines = new ArrayList<>();
        Imports imports = Imports.builder()
                .function(
                        "env",
                        "log",
                        HostFunction.of(FunctionType.of(ValueType.I32, ValueType.I32), (caller, arguments) -> {
                            lines.add(caller.memory().readString((Integer) arguments[0], (Integer) arguments[1]));
                            return new Object[0];
                        }))
                .build();
        Engine.create()
                .load(LOG)
                .instantiate(imports)
                .function("run")
                .orElseThrow()
                .call();
        assertEquals(List.of("hello"), lines);
    }

    @Test
    void aHostMethodFindsTheDataOfItsCaller() {
        LinkedModule linked = Engine.create()
                .load(TIME)
                .link(Imports.builder()
                        .methods("env", MethodHandles.lookup(), HostClock.class)
                        .build());
        Clock clock = Clock.fixed(Instant.ofEpochMilli(42), ZoneOffset.UTC);
        Instance instance = linked.instantiate(RunLimits.none(), clock);
        assertEquals(42L, instance.function("time").orElseThrow().call()[0]);
    }

    @Test
    void aLimitEndsAnEndlessLoop() {
        RunLimits limits = RunLimits.none().withCpu(Duration.ofMillis(50)).withWall(Duration.ofSeconds(5));
        Instance instance = Engine.create().load(SPIN).link(Imports.none()).instantiate(limits);
        Trap trap = assertThrows(
                Trap.class, () -> instance.function("spin").orElseThrow().call());
        assertEquals(Trap.Kind.CPU_TIME_EXCEEDED, trap.kind());
    }
}
