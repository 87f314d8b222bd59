package io.selvage.wasi;

import io.selvage.wasm.HostName;
import io.selvage.wasm.Instance;
import io.selvage.wasm.Memory;

/** Arguments, environment, clocks, random numbers, the process itself, and the sockets that there are none of. */
final class ProcessFunctions {
    private static final int REALTIME = 0;
    private static final int MONOTONIC = 1;
    private static final int PROCESS_CPU_TIME = 2;
    private static final int THREAD_CPU_TIME = 3;

    /** What the JDK's wall clock resolves on every platform, in nanoseconds. */
    private static final long REALTIME_RESOLUTION = 1_000;

    private ProcessFunctions() {}

    @HostName("args_get")
    static int argsGet(Instance caller, int pointers, int bytes) {
        WasiContext.of(caller).arguments().write(caller.memory(), pointers, bytes);
        return 0;
    }

    @HostName("args_sizes_get")
    static int argsSizesGet(Instance caller, int count, int bytes) {
        WasiContext.of(caller).arguments().writeSizes(caller.memory(), count, bytes);
        return 0;
    }

    @HostName("environ_get")
    static int environGet(Instance caller, int pointers, int bytes) {
        WasiContext.of(caller).environment().write(caller.memory(), pointers, bytes);
        return 0;
    }

    @HostName("environ_sizes_get")
    static int environSizesGet(Instance caller, int count, int bytes) {
        WasiContext.of(caller).environment().writeSizes(caller.memory(), count, bytes);
        return 0;
    }

    @HostName("clock_res_get")
    static int clockResGet(Instance caller, int clock, int result) {
        return Guest.answer(() -> {
            long resolution = switch (clock) {
                case REALTIME -> REALTIME_RESOLUTION;
                case MONOTONIC, PROCESS_CPU_TIME, THREAD_CPU_TIME -> 1;
                default -> throw new WasiException(Errno.INVAL);
            };
            caller.memory().writeLong(result, resolution);
        });
    }

    @HostName("clock_time_get")
    static int clockTimeGet(Instance caller, int clock, long precision, int result) {
        return Guest.answer(() -> {
            Clocks clocks = WasiContext.of(caller).clocks();
            long time = switch (clock) {
                case REALTIME -> clocks.realtime();
                case MONOTONIC -> clocks.monotonic();
                case PROCESS_CPU_TIME, THREAD_CPU_TIME -> caller.cpuNanos();
                default -> throw new WasiException(Errno.INVAL);
            };
            caller.memory().writeLong(result, time);
        });
    }

    @HostName("random_get")
    static int randomGet(Instance caller, int address, int length) {
        Memory memory = caller.memory();
        memory.check(address, length);
        WasiContext.of(caller).random(memory.bytes(), address, length);
        return 0;
    }

    @HostName("proc_exit")
    static void procExit(Instance caller, int code) {
        throw new GuestExit(code);
    }

    /** There is nobody to send a signal to. */
    @HostName("proc_raise")
    static int procRaise(Instance caller, int signal) {
        return Errno.NOTSUP.code();
    }

    @HostName("sched_yield")
    static int schedYield(Instance caller) {
        caller.beginWait();
        try {
            Thread.yield();
        } finally {
            caller.endWait();
        }
        return 0;
    }

    @HostName("sock_recv")
    static int sockRecv(Instance caller, int fd, int iovs, int count, int flags, int size, int outFlags) {
        return noSocket(caller, fd, Errno.NOTSUP);
    }

    @HostName("sock_send")
    static int sockSend(Instance caller, int fd, int iovs, int count, int flags, int size) {
        return noSocket(caller, fd, Errno.NOTSUP);
    }

    @HostName("sock_shutdown")
    static int sockShutdown(Instance caller, int fd, int how) {
        return noSocket(caller, fd, Errno.NOTSOCK);
    }

    static int noSocket(Instance caller, int fd, Errno refusal) {
        return Guest.answer(() -> {
            Guest.descriptors(caller).get(fd);
            throw new WasiException(refusal);
        });
    }
}
