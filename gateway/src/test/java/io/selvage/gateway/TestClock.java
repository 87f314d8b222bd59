package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A clock on the wall for other processes that a test can let jump: what the C library says, and some seconds. */
final class TestClock {
    private static final String LIBRARY = """
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <stdlib.h>
            #include <sys/mman.h>
            #include <sys/syscall.h>
            #include <sys/time.h>
            #include <time.h>
            #include <unistd.h>

            static volatile long *ahead;

            __attribute__((constructor)) static void begin(void) {
                int file = open(getenv("TEST_CLOCK"), O_RDONLY);
                ahead = mmap(0, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
                close(file);
            }

            int clock_gettime(clockid_t clock, struct timespec *time) {
                int failed = syscall(SYS_clock_gettime, clock, time);
                if (!failed && clock == CLOCK_REALTIME && ahead) {
                    time->tv_sec += *ahead;
                }
                return failed;
            }

            int gettimeofday(struct timeval *to, void *zone) {
                struct timespec time;
                int failed = clock_gettime(CLOCK_REALTIME, &time);
                to->tv_sec = time.tv_sec;
                to->tv_usec = time.tv_nsec / 1000;
                return failed;
            }

            time_t time(time_t *to) {
                struct timespec time;
                clock_gettime(CLOCK_REALTIME, &time);
                if (to) {
                    *to = time.tv_sec;
                }
                return time.tv_sec;
            }
            """;

    private final Path library;
    private final Path offset;

    /** A clock that goes right; skips the test on a machine without a C compiler. */
    TestClock(Path folder) throws IOException, InterruptedException {
        TestTool.needs("cc", "gcc");
        Path source = Files.writeString(folder.resolve("clock.c"), LIBRARY);
        library = folder.resolve("clock.so");
        offset = folder.resolve("clock.offset");
        jump(0);
        assertEquals("", TestTool.run(folder, "cc", "-shared", "-fPIC", "-o", library.toString(), source.toString()));
    }

    /** From now on it is so many seconds ahead. */
    void jump(long seconds) throws IOException {
        byte[] bytes = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(seconds)
                .array();
        try (var file = new java.io.RandomAccessFile(offset.toFile(), "rw")) {
            file.write(bytes);
        }
    }

    /** What a process needs in its environment to go by it. */
    Map<String, String> environment() {
        return Map.of("LD_PRELOAD", library.toString(), "TEST_CLOCK", offset.toString());
    }
}
