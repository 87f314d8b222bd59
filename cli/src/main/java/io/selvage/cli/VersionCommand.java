package io.selvage.cli;

import io.selvage.node.Json;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage version}: which build of Selvage this is, and which Java runs it. */
@Command(name = "version", description = "Print the version, the commit it was built from, and the Java that runs it.")
final class VersionCommand implements Runnable {
    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        BuildInfo build = BuildInfo.read();
        String java = System.getProperty("java.vendor") + " " + Runtime.version();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.object(
                    "version",
                    build.version(),
                    "revision",
                    build.revision(),
                    "built",
                    build.built(),
                    "java",
                    java,
                    "java_home",
                    System.getProperty("java.home")));
        } else {
            out.println("selvage " + build.version());
            out.println("commit  " + build.revision());
            out.println("built   " + build.built());
            out.println("java    " + java + " (" + System.getProperty("java.home") + ")");
        }
        out.flush();
    }
}
