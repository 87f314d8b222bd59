package io.selvage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.selvage.node.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The references in {@code docs/} say what the code says; {@code -Ddocs=write} writes them anew. */
class ReferenceTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final String ANEW = "stale; write it anew with: mvn -pl cli -am verify -Dtest=ReferenceTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Ddocs=write";

    @Test
    void theCommandReferenceIsWhatTheCommandsSay() throws IOException {
        StringBuilder text = new StringBuilder("""
                # Commands

                This page is made of what the commands say of themselves: `selvage help COMMAND`.

                Exit codes are the same everywhere unless a command says otherwise: 0 it worked, 1 it did not, 2 the command
                line, a manifest or a setting is wrong. Errors are one paragraph on standard error; `SELVAGE_DEBUG=1` adds
                where in the code they come from. `NO_COLOR=1` switches colours off.
                """);
        describe(Main.commandLine(), text);
        compare(DOCS.resolve("commands.md"), text.toString());
    }

    @Test
    void theTableOfSettingsIsWhatTheNodeKnows() throws IOException {
        StringBuilder table = new StringBuilder("\n| setting | default | what it does |\n| --- | --- | --- |\n");
        for (Setting<?> setting : Setting.all()) {
            table.append("| `")
                    .append(setting.key())
                    .append("` | `")
                    .append(setting.defaultText())
                    .append("` | ")
                    .append(setting.documentation())
                    .append(" |\n");
        }
        Path page = DOCS.resolve("operations.md");
        String text = Files.readString(page);
        String begin = "<!-- settings: made from Setting.java -->\n";
        int from = text.indexOf(begin) + begin.length();
        compare(page, text.substring(0, from) + table + text.substring(text.indexOf("\n<!-- end of settings -->")));
    }

    private static void describe(CommandLine command, StringBuilder text) {
        if (command.getCommandSpec().usageMessage().hidden()) {
            return;
        }
        command.setUsageHelpWidth(100);
        text.append("\n## ")
                .append(command.getCommandSpec().qualifiedName())
                .append("\n\n```text\n")
                .append(command.getUsageMessage(Ansi.OFF).stripTrailing())
                .append("\n```\n");
        command.getSubcommands().values().stream().distinct().forEach(sub -> describe(sub, text));
    }

    private static void compare(Path page, String wanted) throws IOException {
        if ("write".equals(System.getProperty("docs"))) {
            Files.writeString(page, wanted);
        }
        assertEquals(wanted, Files.readString(page), () -> page + " is " + ANEW);
    }
}
