package io.selvage.wasi;

import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a guest gets of the world. Immutable; each {@code with…} answers a changed copy.
 *
 * <pre>{@code
 * WasiConfig config = WasiConfig.none()
 *         .withArguments(List.of("app.wasm", "--fast"))
 *         .withEnvironment(Map.of("STAGE", "test"))
 *         .withStdout(System.out)
 *         .withMount("/data", HostFolder.of(Path.of("data")).readOnly())
 *         .withMount("/tmp", MemoryFolder.ofSize(16 << 20));
 * int exitCode = Preview1.run(linkedModule, config.open(), RunLimits.none());
 * }</pre>
 */
public final class WasiConfig {
    /** A mount and the path under which the guest finds it. */
    record NamedMount(String path, Mount mount) {}

    /** Seeded by the operating system; shared, for it is thread-safe and costly to make. */
    private static final class Random {
        static final SecureRandom SECURE = new SecureRandom();
    }

    private static final int DESCRIPTORS = 1_024;

    private static final WasiConfig NONE = new WasiConfig();

    private List<String> arguments = List.of();
    private Supplier<Map<String, String>> environment = Map::of;
    private InputStream stdin = InputStream.nullInputStream();
    private OutputStream stdout = OutputStream.nullOutputStream();
    private OutputStream stderr = OutputStream.nullOutputStream();
    private boolean stdinTerminal;
    private boolean stdoutTerminal;
    private boolean stderrTerminal;
    private List<NamedMount> mounts = List.of();
    private Clocks clocks = Clocks.SYSTEM;
    private RandomGenerator random = Random.SECURE;
    private int descriptorLimit = DESCRIPTORS;

    private WasiConfig() {}

    private WasiConfig(WasiConfig other) {
        arguments = other.arguments;
        environment = other.environment;
        stdin = other.stdin;
        stdout = other.stdout;
        stderr = other.stderr;
        stdinTerminal = other.stdinTerminal;
        stdoutTerminal = other.stdoutTerminal;
        stderrTerminal = other.stderrTerminal;
        mounts = other.mounts;
        clocks = other.clocks;
        random = other.random;
        descriptorLimit = other.descriptorLimit;
    }

    /**
     * No arguments, no environment, no mounts; stdin is at its end, what is written is dropped. The clocks are the
     * host's, random numbers come from {@link SecureRandom}, and at most 1,024 descriptors may be open at once.
     */
    public static WasiConfig none() {
        return NONE;
    }

    /**
     * With these arguments, the program's name first.
     *
     * @throws IllegalArgumentException if one contains a zero character
     */
    public WasiConfig withArguments(List<String> arguments) {
        WasiConfig copy = new WasiConfig(this);
        copy.arguments = List.copyOf(arguments);
        copy.arguments.forEach(WasiConfig::refuseZero);
        return copy;
    }

    /**
     * With this environment and no other; the guest sees the map's order.
     *
     * @param environment is not copied and must not change afterwards
     * @throws IllegalArgumentException if a name or value contains a zero character
     */
    public WasiConfig withEnvironment(Map<String, String> environment) {
        WasiConfig copy = new WasiConfig(this);
        environment.forEach((name, value) -> {
            refuseZero(name);
            refuseZero(value);
        });
        copy.environment = () -> environment;
        return copy;
    }

    /**
     * With an environment that is worked out when a run of the guest first asks for it, once a run: many programs never
     * do. The guest sees the map's order, and a name or value only up to a zero character.
     */
    public WasiConfig withEnvironment(Supplier<Map<String, String>> environment) {
        WasiConfig copy = new WasiConfig(this);
        copy.environment = environment;
        return copy;
    }

    /** With another standard input. Nothing is read before the guest reads or polls; it is never closed. */
    public WasiConfig withStdin(InputStream stdin) {
        WasiConfig copy = new WasiConfig(this);
        copy.stdin = stdin;
        return copy;
    }

    /**
     * With another standard output: every write of the guest is written to it at once and then flushed; it is never
     * closed. An {@link java.io.IOException} reaches the guest as {@link Errno#IO} or {@link Errno#PIPE}; one whose
     * cause is a {@link WasiException}, as that.
     */
    public WasiConfig withStdout(OutputStream stdout) {
        WasiConfig copy = new WasiConfig(this);
        copy.stdout = stdout;
        return copy;
    }

    /** With another standard error output; see {@link #withStdout}. */
    public WasiConfig withStderr(OutputStream stderr) {
        WasiConfig copy = new WasiConfig(this);
        copy.stderr = stderr;
        return copy;
    }

    /** Says which standard streams are a person's terminal: {@code isatty} in the guest. None is, unless said here. */
    public WasiConfig withTerminals(boolean stdin, boolean stdout, boolean stderr) {
        WasiConfig copy = new WasiConfig(this);
        copy.stdinTerminal = stdin;
        copy.stdoutTerminal = stdout;
        copy.stderrTerminal = stderr;
        return copy;
    }

    /**
     * With one mount more.
     *
     * @param path where the guest finds it, for example {@code /data}; C programs see the deepest mount that fits
     */
    public WasiConfig withMount(String path, Mount mount) {
        refuseZero(path);
        WasiConfig copy = new WasiConfig(this);
        List<NamedMount> more = new ArrayList<>(mounts);
        more.add(new NamedMount(path, mount));
        copy.mounts = List.copyOf(more);
        return copy;
    }

    /** With other clocks; sleeping is always by the host's. */
    public WasiConfig withClocks(Clocks clocks) {
        WasiConfig copy = new WasiConfig(this);
        copy.clocks = clocks;
        return copy;
    }

    /** With another source of random numbers; it must be thread-safe if the configuration is shared. */
    public WasiConfig withRandom(RandomGenerator random) {
        WasiConfig copy = new WasiConfig(this);
        copy.random = random;
        return copy;
    }

    /** With another limit for the descriptors that may be open at once, standard streams and mounts included. */
    public WasiConfig withDescriptorLimit(int descriptors) {
        WasiConfig copy = new WasiConfig(this);
        copy.descriptorLimit = descriptors;
        return copy;
    }

    /** A context for one run. It opens nothing before the guest asks. */
    public WasiContext open() {
        return new WasiContext(this);
    }

    List<String> arguments() {
        return arguments;
    }

    Map<String, String> environment() {
        return environment.get();
    }

    Clocks clocks() {
        return clocks;
    }

    RandomGenerator random() {
        return random;
    }

    /** A fresh table: the standard streams at 0 to 2, the mounts from 3 on. */
    Descriptors descriptors() {
        Descriptor[] first = new Descriptor[3 + mounts.size()];
        first[0] = new InputDescriptor(stdin, stdinTerminal);
        first[1] = new OutputDescriptor(stdout, stdoutTerminal);
        first[2] = new OutputDescriptor(stderr, stderrTerminal);
        for (int i = 0; i < mounts.size(); i++) {
            NamedMount mount = mounts.get(i);
            first[3 + i] =
                    new DirectoryDescriptor(new DirectoryHandle(mount.mount()), mount.path(), Rights.INHERITING, 0);
        }
        return new Descriptors(first, descriptorLimit);
    }

    private static void refuseZero(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a zero character in an argument, variable or path: " + text);
        }
    }
}
