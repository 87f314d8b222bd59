package io.selvage.cli;

import io.selvage.node.Json;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage doctor}: says what this machine has for running and writing functions, and how to get what it lacks. */
@Command(
        name = "doctor",
        description =
                "Say what is installed, what is missing and how to get it; with --settings, what the node is set to.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Selvage can run here; tools for writing functions may be missing",
            "1:something that Selvage needs to run is missing",
            "2:the command line or a setting is wrong"
        })
final class DoctorCommand implements Callable<Integer> {
    private static final int JAVA_FEATURE = 25;

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Option(names = "--settings", description = "Print each setting's value and where it comes from.")
    private boolean settings;

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /**
     * What was looked at.
     *
     * @param needed whether Selvage cannot run without it
     * @param found what was found, or empty
     * @param advice how to get it
     */
    private record Finding(String name, boolean needed, Optional<String> found, String advice) {}

    @Override
    public Integer call() {
        Settings used = options.settings(System.getenv());
        if (settings) {
            printSettings(used);
            return Main.OK;
        }
        List<Finding> findings = findings(used);
        findings.forEach(this::print);
        spec.commandLine().getOut().flush();
        return findings.stream().anyMatch(f -> f.needed && f.found.isEmpty()) ? Main.FAILED : Main.OK;
    }

    private void printSettings(Settings used) {
        PrintWriter out = spec.commandLine().getOut();
        for (Settings.Entry entry : used.entries()) {
            String key = entry.setting().key();
            out.println(
                    json
                            ? Json.object("setting", key, "value", entry.value(), "origin", entry.origin())
                            : String.format("%-24s %-20s %s", key, entry.value(), entry.origin()));
        }
        out.flush();
    }

    private static List<Finding> findings(Settings used) {
        List<Finding> findings = new ArrayList<>();
        int feature = Runtime.version().feature();
        findings.add(new Finding(
                "Java " + JAVA_FEATURE + " or newer",
                true,
                feature >= JAVA_FEATURE
                        ? Optional.of(Runtime.version() + " in " + System.getProperty("java.home"))
                        : Optional.empty(),
                "install a JDK 25, for example from https://adoptium.net, or point JAVA_HOME at it"));
        findings.add(state(used.get(Setting.STATE)));
        findings.add(port("port for functions", used, Setting.LISTEN, "--listen"));
        findings.add(port("port for health and metrics", used, Setting.ADMIN, "--admin"));
        findings.add(tool("Maven, to build Selvage", "mvn", "apt install maven, or https://maven.apache.org"));
        findings.add(
                tool("clang, for functions in C", "clang", "apt install clang lld wasi-libc libclang-rt-dev-wasm32"));
        findings.add(tool("wasm-ld, for functions in C", "wasm-ld", "apt install lld"));
        findings.add(tool(
                "cargo, for functions in Rust", "cargo", "https://rustup.rs, then rustup target add wasm32-wasip1"));
        findings.add(tool("npm, for functions in AssemblyScript", "npm", "apt install npm, or https://nodejs.org"));
        return findings;
    }

    private static Finding state(Path folder) {
        Path there = folder.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return new Finding(
                "a folder for state",
                true,
                Files.isDirectory(there) && Files.isWritable(there)
                        ? Optional.of(folder.toAbsolutePath().normalize().toString())
                        : Optional.empty(),
                there + " cannot be written by this user; choose another folder with --state DIR");
    }

    private static Finding port(
            String name, Settings used, Setting<io.selvage.node.ListenAddress> setting, String flag) {
        io.selvage.node.ListenAddress address = used.get(setting);
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address.host(), address.port()));
            return new Finding(name, false, Optional.of(address + " is free"), "");
        } catch (IOException e) {
            return new Finding(
                    name,
                    false,
                    Optional.empty(),
                    address + ": " + e.getMessage() + "; choose another with " + flag
                            + " HOST:PORT (0 picks a free one)");
        }
    }

    private static Finding tool(String name, String command, String advice) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        for (String folder : path.split(File.pathSeparator, -1)) {
            Path file = Path.of(folder.isEmpty() ? "." : folder, command);
            if (Files.isExecutable(file) && !Files.isDirectory(file)) {
                return new Finding(name, false, Optional.of(file.toString()), advice);
            }
        }
        return new Finding(name, false, Optional.empty(), advice);
    }

    private void print(Finding finding) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.object(
                    "name",
                    finding.name,
                    "ok",
                    finding.found.isPresent(),
                    "needed",
                    finding.needed,
                    "found",
                    finding.found.orElse(""),
                    "advice",
                    finding.found.isPresent() ? "" : finding.advice));
            return;
        }
        Ansi ansi = spec.commandLine().getColorScheme().ansi();
        String mark = finding.found.isPresent()
                ? "@|green ok     |@"
                : finding.needed ? "@|bold,red missing|@" : "@|yellow missing|@";
        out.println(ansi.string(mark) + "  " + finding.name + ": " + finding.found.orElse(finding.advice));
    }
}
