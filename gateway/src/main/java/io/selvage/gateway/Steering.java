package io.selvage.gateway;

import io.selvage.node.ListenAddress;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Tells the kernel which of the processes that listen on one port gets its new connections: the one that came last. Without
 * it Linux shares them out, and those that wait to be accepted by the process that ends would be lost.
 */
final class Steering {
    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

    /** The second of two sockets: that of the process that takes over. */
    private static final int NEWCOMER = 1;

    /** {@code BPF_RET | BPF_K}. */
    private static final short RETURN = 0x06;

    private static final String LISTENING = "0A";

    private Steering() {}

    /** Lets all connections to a port that come from now on come here; whether that could be done. */
    static boolean here(ListenAddress address) {
        try {
            Set<String> sockets = inodes(address.port());
            boolean done = false;
            try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
                for (Path descriptor : descriptors) {
                    if (sockets.contains(target(descriptor))) {
                        done |= attach(Integer.parseInt(descriptor.getFileName().toString()));
                    }
                }
            }
            return done;
        } catch (IOException _) {
            return false; // no Linux, or none that shows its processes
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException _) {
            return ""; // closed just now
        }
    }

    /** What the descriptors of sockets that listen on a port point to; those of other processes are among them. */
    private static Set<String> inodes(int port) throws IOException {
        Set<String> found = new HashSet<>();
        String end = String.format(Locale.ROOT, ":%04X", port);
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] columns = line.strip().split(" +");
                if (columns.length > 9 && columns[1].endsWith(end) && columns[3].equals(LISTENING)) {
                    found.add("socket:[" + columns[9] + "]");
                }
            }
        }
        return found;
    }

    /** Attaches a program of one instruction (a {@code sock_fprog} with one {@code sock_filter}) to the port's sockets. */
    private static boolean attach(int descriptor) {
        Linker linker = Linker.nativeLinker();
        MethodHandle setsockopt = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("setsockopt"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT));
        AddressLayout address = ValueLayout.ADDRESS;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filter = arena.allocate(8, 4);
            filter.set(ValueLayout.JAVA_SHORT, 0, RETURN);
            filter.set(ValueLayout.JAVA_INT, 4, NEWCOMER);
            MemorySegment program = arena.allocate(2 * address.byteSize(), address.byteAlignment());
            program.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
            program.set(address, address.byteSize(), filter);
            return (int) setsockopt.invokeExact(
                            descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program, (int) program.byteSize())
                    == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("setsockopt takes these", e);
        }
    }
}
