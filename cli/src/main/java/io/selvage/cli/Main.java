package io.selvage.cli;

import io.selvage.node.ConfigurationException;
import io.selvage.node.Nearest;
import io.selvage.wasm.WasmException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code selvage} command: reads the command line and says in people's words what went wrong. */
@Command(
        name = "selvage",
        description = "Runs WebAssembly functions on your own machines: an edge in one program.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  selvage up examples/hello          serve an app and reload it when it changes",
            "  selvage up app.wasm --listen :0    serve one module on a free port",
            "  selvage new c greeting             begin an app in C",
            "  selvage help up                    all about one command"
        })
public final class Main implements Runnable {
    /** It worked. */
    static final int OK = 0;

    /** It did not work; standard error says why. */
    static final int FAILED = 1;

    /** The command line, the manifest or a setting is wrong; standard error says where. */
    static final int USAGE = 2;

    /** The commands that need no other, by name. Picocli takes a tenth of a second to read all of them. */
    private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

    /** The commands that are about all commands. */
    private static final List<Class<?>> GENERAL_COMMANDS =
            List.of(CompletionCommand.class, RehearseCommand.class, CommandLine.HelpCommand.class);

    private static final Map<String, String> EXIT_CODES = new LinkedHashMap<>();

    static {
        COMMANDS.put("up", UpCommand.class);
        COMMANDS.put("check", CheckCommand.class);
        COMMANDS.put("new", NewCommand.class);
        COMMANDS.put("kv", KvCommand.class);
        COMMANDS.put("cache", CacheCommand.class);
        COMMANDS.put("origin", OriginCommand.class);
        COMMANDS.put("route", RouteCommand.class);
        COMMANDS.put("wasm", WasmCommand.class);
        COMMANDS.put("doctor", DoctorCommand.class);
        COMMANDS.put("version", VersionCommand.class);
        EXIT_CODES.put("0", "it worked");
        EXIT_CODES.put("1", "it did not; standard error says why");
        EXIT_CODES.put("2", "the command line, a manifest or a setting is wrong");
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        // else it looks for a class of Groovy in every jar
        System.setProperty("picocli.disable.closures", "true");
        Class<?> only = args.length == 0 ? null : COMMANDS.get(args[0]);
        int code = (only == null ? commandLine() : commandLine(List.of(only))).execute(args);
        System.out.flush();
        Runtime.getRuntime().exit(code);
    }

    /** All commands. */
    static CommandLine commandLine() {
        List<Class<?>> all = new ArrayList<>(COMMANDS.values());
        all.addAll(GENERAL_COMMANDS);
        return commandLine(all);
    }

    /** Some commands, with what all of them share: help, exit codes and how errors look. */
    private static CommandLine commandLine(List<Class<?>> some) {
        CommandLine commands = new CommandLine(new Main());
        some.forEach(commands::addSubcommand);
        forAll(commands, Main::addShared);
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        commands.setExecutionExceptionHandler((e, command, _) -> failed(e, command));
        commands.setParameterExceptionHandler((e, _) -> misused(e));
        return commands;
    }

    private static void forAll(CommandLine command, Consumer<CommandLine> action) {
        action.accept(command);
        command.getSubcommands().values().forEach(sub -> forAll(sub, action));
    }

    private static void addShared(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        if (spec.helpCommand()) {
            return;
        }
        if (spec.findOption("--help") == null) {
            spec.addOption(CommandLine.Model.OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .description("Say how to use this command.")
                    .build());
        }
        if (spec.usageMessage().exitCodeList().isEmpty()
                && command.getSubcommands().isEmpty()) {
            spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(new LinkedHashMap<>(EXIT_CODES));
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: selvage up examples/hello");
    }

    private static int misused(ParameterException e) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        say(
                command,
                e instanceof CommandLine.UnmatchedArgumentException unmatched
                        ? unknown(command, unmatched.getUnmatched().getFirst())
                        : e.getMessage());
        err.println("Usage: " + command.getHelp().synopsis(0).strip());
        err.println("More: " + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return USAGE;
    }

    /** What is said of a word that is no command or no option here, with the one that was probably meant. */
    private static String unknown(CommandLine command, String word) {
        Set<String> known = new TreeSet<>();
        if (word.startsWith("-")) {
            command.getCommandSpec().options().forEach(option -> known.add(option.longestName()));
            return "there is no option " + word + "; " + Nearest.advice(word, known);
        }
        command.getSubcommands().forEach((name, sub) -> {
            if (!sub.getCommandSpec().usageMessage().hidden()) {
                known.add(name);
            }
        });
        return known.isEmpty()
                ? "\"" + word + "\" is one word too many"
                : "there is no command \"" + word + "\"; " + Nearest.advice(word, known);
    }

    private static int failed(Exception e, CommandLine command) {
        switch (e) {
            case ConfigurationException _ -> {
                say(command, e.getMessage());
                trace(e, command);
                return USAGE;
            }
            case CommandFailure _, WasmException _ -> say(command, e.getMessage());
            case IOException _, UncheckedIOException _ -> say(command, Failures.explain(e));
            default ->
                say(
                        command,
                        "this is a fault in Selvage itself: " + e
                                + ". Run it again with SELVAGE_DEBUG=1 and report what it prints.");
        }
        trace(e, command);
        return FAILED;
    }

    private static void trace(Exception e, CommandLine command) {
        String debug = System.getenv("SELVAGE_DEBUG");
        if (debug != null && !debug.isEmpty() && !debug.equals("0")) {
            e.printStackTrace(command.getErr());
        }
        command.getErr().flush();
    }

    /** Prints a message for a person on standard error, red on a terminal. */
    private static void say(CommandLine command, @Nullable String message) {
        CommandLine.Help.Ansi ansi = command.getColorScheme().ansi();
        String prefix = ansi.enabled() ? ansi.string("@|bold,red selvage:|@ ") : "selvage: ";
        command.getErr().println(prefix + message);
    }
}
