package io.selvage.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage completion}: teaches a shell to complete Selvage's commands. */
@Command(
        name = "completion",
        description = "Print a script that lets bash or zsh complete commands and options.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(selvage completion)                                  for this shell",
            "  selvage completion > /etc/bash_completion.d/selvage           for all users of bash"
        })
final class CompletionCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash("selvage", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
    }
}
