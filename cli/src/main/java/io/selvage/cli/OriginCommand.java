package io.selvage.cli;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage origin}: looks at the origins of a running node, and changes them. */
@Command(
        name = "origin",
        description = "See and change the origins of a running node. Changes hold at once, and after a restart too.",
        subcommands = {
            OriginCommand.Show.class,
            OriginCommand.Add.class,
            OriginCommand.Remove.class,
            OriginCommand.Drain.class,
            OriginCommand.Restore.class,
            OriginCommand.Define.class,
            OriginCommand.Reset.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  selvage origin list",
            "  selvage origin add site http://10.0.0.3:9001 --weight 2",
            "  selvage origin drain site http://10.0.0.1:9001    no new requests for it",
            "  selvage origin set site site.toml                 the inside of its [[origin]] table",
            "  selvage origin reset site                         back to the manifest"
        })
final class OriginCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "selvage origin needs one of: list, add, remove, drain, restore, set, reset");
    }

    /** What every subcommand has: it asks a node one thing, and prints what the node says. */
    abstract static class Asking implements Callable<Integer> {
        @Mixin
        private CacheCommand.NodeAddress node = new CacheCommand.NodeAddress();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        final int ask(String method, String target, String content) throws IOException {
            spec.commandLine().getOut().print(node.ask(method, target, content));
            spec.commandLine().getOut().flush();
            return Main.OK;
        }

        static String path(String name) {
            return "/origins/" + URLEncoder.encode(name, StandardCharsets.UTF_8);
        }
    }

    /** What every subcommand about one origin has. */
    abstract static class OfOne extends Asking {
        @Parameters(index = "0", paramLabel = "NAME", description = "The origin.")
        private String name = "";

        final String path() {
            return path(name);
        }

        final String addresses(String url) {
            return path() + "/addresses" + query(url);
        }

        static String query(String url) {
            return "?url=" + URLEncoder.encode(url, StandardCharsets.UTF_8);
        }
    }

    /** What gives an address no new requests, or requests again. */
    abstract static class Draining extends OfOne {
        @Parameters(index = "1", arity = "0..1", paramLabel = "URL", description = "The address; all without one.")
        private @Nullable String url;

        final int ask(String method) throws IOException {
            String which = Optional.ofNullable(url).map(OfOne::query).orElse("");
            return ask(method, path() + "/drained" + which, "");
        }
    }

    /** {@code origin list}. */
    @Command(name = "list", description = "Print the origins, and how their addresses are.")
    static final class Show extends Asking {
        @Parameters(arity = "0..1", paramLabel = "NAME", description = "Only this origin.")
        private @Nullable String name;

        @Override
        public Integer call() throws IOException {
            return ask("GET", Optional.ofNullable(name).map(Asking::path).orElse("/origins"), "");
        }
    }

    /** {@code origin add}. */
    @Command(name = "add", description = "Add an address to an origin, or give it another weight.")
    static final class Add extends OfOne {
        @Parameters(index = "1", paramLabel = "URL", description = "The address.")
        private String url = "";

        @Option(names = "--weight", paramLabel = "N", description = "Its weight, 1 to 100. Default: 1.")
        private int weight = 1;

        @Override
        public Integer call() throws IOException {
            return ask("PUT", addresses(url) + "&weight=" + weight, "");
        }
    }

    /** {@code origin remove}. */
    @Command(name = "remove", description = "Remove an address of an origin; what runs there comes to its end.")
    static final class Remove extends OfOne {
        @Parameters(index = "1", paramLabel = "URL", description = "The address.")
        private String url = "";

        @Override
        public Integer call() throws IOException {
            return ask("DELETE", addresses(url), "");
        }
    }

    /** {@code origin drain}. */
    @Command(name = "drain", description = "Give an address no new requests, or all of them.")
    static final class Drain extends Draining {
        @Override
        public Integer call() throws IOException {
            return ask("PUT");
        }
    }

    /** {@code origin restore}. */
    @Command(name = "restore", description = "Give a drained address requests again, or all of them.")
    static final class Restore extends Draining {
        @Override
        public Integer call() throws IOException {
            return ask("DELETE");
        }
    }

    /** {@code origin set}. */
    @Command(name = "set", description = "Add an origin, or define one anew.")
    static final class Define extends OfOne {
        @Parameters(
                index = "1",
                paramLabel = "FILE",
                description = "A TOML file with what would stand in its [[origin]] table, without the name.")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            if (!Files.isReadable(file)) {
                throw new CommandFailure(file + ": there is no such file that can be read");
            }
            return ask(
                    "PUT",
                    path() + "?source=" + URLEncoder.encode(file.toString(), StandardCharsets.UTF_8),
                    Files.readString(file));
        }
    }

    /** {@code origin reset}. */
    @Command(name = "reset", description = "Undo what was changed of an origin; one that was added is no more.")
    static final class Reset extends OfOne {
        @Override
        public Integer call() throws IOException {
            return ask("DELETE", path(), "");
        }
    }
}
