package io.selvage.cgi;

import io.selvage.node.ConfigurationException;
import io.selvage.node.FunctionDefinition;
import io.selvage.node.Services;
import io.selvage.node.World;
import io.selvage.wasi.Preview1;
import io.selvage.wasm.ExportDescriptor;
import io.selvage.wasm.FunctionType;
import io.selvage.wasm.LinkedModule;
import io.selvage.wasm.Module;
import java.time.Duration;
import java.util.Set;

/**
 * The world {@code cgi}: each request runs a WASI command from {@code _start} to its end, in an instance of its own.
 *
 * <p><b>What the program gets.</b> The meta-variables of RFC 3875 §4.1 and WAGI's as environment variables (see {@link
 * Environment}), then the granted variables of the app by their names in capitals, then the function's own environment.
 * Arguments are as WAGI's: the path, then each part of the query between {@code &}, still percent-encoded. The request's
 * body is the standard input, as it comes in; without a {@code CONTENT_LENGTH} it is read to its end. {@code /tmp} is an
 * empty folder in memory, and {@code /kv/NAME} each granted key-value store (see {@link StoreMount}).
 *
 * <p><b>What it is to write.</b> On its standard output a head and a body (RFC 3875 §6): fields such as {@code
 * Content-Type: text/plain} and {@code Status: 404 Not Found}, an empty line, and bytes. At least one of {@code
 * Content-Type}, {@code Location} and {@code Status} must be there. Without {@code Status} it is 200, or 302 with {@code
 * Location}; a {@code Location} that is only a path goes to the client like any other (where RFC 3875 §6.2.2 would have
 * the server answer for that path itself: so each request is one function's, and the client knows where it is). Fields
 * about the connection are dropped. The body goes out while it is written, in pieces of up to 16 KiB that wait no
 * longer than about 10 ms; a short whole one goes out with its {@code Content-Length}.
 *
 * <p>Lines on its standard error output go to the log. An exit code other than 0 fails a request only if there is no
 * whole head; else it is logged.
 */
public final class CgiWorld implements World {
    private static final Set<String> MODULES = Set.of("wasi_snapshot_preview1", "wasi_unstable");

    private final Flusher flusher;

    /** The world as it is described above. */
    public CgiWorld() {
        this(Duration.ofMillis(10));
    }

    /** With another time that written bytes may wait for more. */
    CgiWorld(Duration patience) {
        flusher = new Flusher(patience);
    }

    @Override
    public String name() {
        return "cgi";
    }

    @Override
    public boolean recognizes(Module module) {
        return module.imports().stream().allMatch(i -> MODULES.contains(i.module()))
                && module.exports().stream().anyMatch(CgiWorld::isStart);
    }

    private static boolean isStart(ExportDescriptor export) {
        return export.name().equals("_start") && export.type().equals(FunctionType.of());
    }

    @Override
    public Guest prepare(FunctionDefinition function, Module module, Services services) {
        LinkedModule linked = module.link(Preview1.imports());
        if (module.exports().stream().noneMatch(CgiWorld::isStart)) {
            throw new ConfigurationException("function \"" + function.name()
                    + "\": the module exports no function _start; world cgi runs WASI commands, so build a program with"
                    + " a main function for wasm32-wasi");
        }
        return new CgiGuest(function, linked, services, flusher);
    }
}
