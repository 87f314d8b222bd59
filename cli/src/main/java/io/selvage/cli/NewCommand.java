package io.selvage.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage new}: begins an app from a template, with its source, its build script and its manifest. */
@Command(
        name = "new",
        description = "Begin an app in a folder of its own: source, build script, manifest and a short README.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  selvage new c greeting && greeting/build.sh && selvage up greeting",
            "  selvage new rust api",
            "  selvage new assemblyscript page"
        })
final class NewCommand implements Callable<Integer> {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    /** What an app can be begun from; its files are resources under {@code templates/}. */
    enum Template {
        C("main.c"),
        RUST("Cargo.toml", "src/main.rs"),
        ASSEMBLYSCRIPT("package.json", "assembly/main.ts", "assembly/wasi.ts");

        private final List<String> sources;

        Template(String... sources) {
            this.sources = List.of(sources);
        }

        private String folder() {
            return "templates/" + name().toLowerCase(Locale.ROOT) + "/";
        }
    }

    @Parameters(index = "0", paramLabel = "TEMPLATE", description = "One of: c, rust, assemblyscript.")
    private Template template = Template.C;

    @Parameters(
            index = "1",
            paramLabel = "NAME",
            description = "The app's name, and its folder's: lower-case letters, digits and hyphens.")
    private String name = "";

    @Parameters(index = "2", arity = "0..1", paramLabel = "DIR", description = "Another folder. Default: NAME.")
    private @Nullable Path folder;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "\"" + name + "\" cannot be an app's name: use lower-case letters, digits and hyphens, beginning "
                            + "with a letter, for example \"my-app\"");
        }
        Path target = folder == null ? Path.of(name) : folder;
        if (Files.exists(target) && (!Files.isDirectory(target) || !isEmpty(target))) {
            throw new CommandFailure(target + " is there already and not an empty folder; choose another name or DIR");
        }
        for (String source : template.sources) {
            write(target.resolve(source), template.folder() + source);
        }
        write(target.resolve("selvage.toml"), "templates/selvage.toml");
        write(target.resolve("build.sh"), template.folder() + "build.sh");
        write(target.resolve("README.md"), template.folder() + "README.md");
        write(target.resolve(".gitignore"), "templates/gitignore");
        if (!target.resolve("build.sh").toFile().setExecutable(true, false)) {
            throw new CommandFailure(target.resolve("build.sh") + " cannot be made executable; run: sh build.sh");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("Made " + target + ". Next:");
        out.println("  " + target.resolve("build.sh").toAbsolutePath().normalize());
        out.println("  selvage up " + target);
        out.flush();
        return Main.OK;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    private void write(Path file, String resource) throws IOException {
        try (InputStream stream = NewCommand.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException("no resource " + resource);
            }
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8).replace("@NAME@", name);
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(file, text);
        }
    }
}
