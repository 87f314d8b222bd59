package io.selvage.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.selvage.wasm.text.ScriptCommand;
import io.selvage.wasm.text.ScriptCommand.Action;
import io.selvage.wasm.text.ScriptCommand.Rejection;
import io.selvage.wasm.text.ScriptModule;
import io.selvage.wasm.text.ScriptValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a script of the test suite in the form that {@code wast2json} writes. */
final class SpectestJson {
    private final Path path;

    private SpectestJson(Path path) {
        this.path = path;
    }

    /**
     * The commands of a script.
     *
     * @param source where its text lay when it was converted
     */
    record Script(String source, List<ScriptCommand> commands) {}

    /**
     * Reads a script.
     *
     * @param path the {@code .json}; its modules lie beside it
     * @throws IOException if it, or a module, cannot be read
     */
    static Script read(Path path) throws IOException {
        SpectestJson reader = new SpectestJson(path);
        JsonNode root = parse(path);
        List<ScriptCommand> commands = new ArrayList<>();
        for (JsonNode command : root.path("commands")) {
            commands.add(reader.command(command));
        }
        return new Script(root.path("source_filename").asText(path.toString()), commands);
    }

    private static JsonNode parse(Path path) throws IOException {
        byte[] text = Files.readAllBytes(path);
        try {
            JsonNode root = new ObjectMapper().readTree(text);
            if (root.path("commands").isArray()) {
                return root;
            }
        } catch (JsonProcessingException e) {
            throw new IOException(path + ": line " + e.getLocation().getLineNr() + ": " + e.getOriginalMessage(), e);
        }
        throw new IOException(path + " is no script: it has no array \"commands\"");
    }

    private ScriptCommand command(JsonNode node) throws IOException {
        int line = node.path("line").asInt();
        String text = node.path("text").asText();
        String type = node.path("type").asText();
        return switch (type) {
            case "module" -> new ScriptCommand.Module(line, text(node, "name"), false, module(node));
            case "register" -> new ScriptCommand.Register(line, node.path("as").asText(), text(node, "name"));
            case "action" -> new ScriptCommand.Perform(line, action(node));
            case "assert_return" -> new ScriptCommand.AssertReturn(line, action(node), expected(node));
            case "assert_trap", "assert_exhaustion" -> new ScriptCommand.AssertTrap(line, action(node), text);
            case "assert_exception" -> new ScriptCommand.AssertException(line, action(node));
            case "assert_malformed" -> new ScriptCommand.AssertRejected(line, Rejection.MALFORMED, module(node), text);
            case "assert_invalid" -> new ScriptCommand.AssertRejected(line, Rejection.INVALID, module(node), text);
            case "assert_unlinkable" -> new ScriptCommand.AssertUnlinkable(line, module(node), text);
            case "assert_uninstantiable" -> new ScriptCommand.AssertUninstantiable(line, module(node), text);
            default ->
                throw new IOException(path + ", line " + line + ": a command that this runner does not know: " + type);
        };
    }

    private static Optional<String> text(JsonNode node, String field) {
        return node.has(field) ? Optional.of(node.path(field).asText()) : Optional.empty();
    }

    private ScriptModule module(JsonNode node) throws IOException {
        byte[] bytes =
                Files.readAllBytes(path.resolveSibling(node.path("filename").asText()));
        return node.path("module_type").asText().equals("text")
                ? ScriptModule.quote(bytes)
                : ScriptModule.binary(bytes);
    }

    private static Action action(JsonNode command) {
        JsonNode node = command.path("action");
        boolean get = node.path("type").asText().equals("get");
        return new Action(
                text(node, "module"),
                node.path("field").asText(),
                get ? Optional.empty() : Optional.of(values(node.path("args"))));
    }

    private static List<ScriptValue> expected(JsonNode command) {
        return command.has("either")
                ? List.of(ScriptValue.either(values(command.path("either"))))
                : values(command.path("expected"));
    }

    private static List<ScriptValue> values(JsonNode array) {
        List<ScriptValue> values = new ArrayList<>();
        array.forEach(node -> values.add(value(node)));
        return values;
    }

    private static ScriptValue value(JsonNode node) {
        String type = node.path("type").asText();
        JsonNode value = node.path("value");
        if (type.equals("either")) {
            return ScriptValue.either(values(node.path("values")));
        }
        if (value.isArray()) {
            List<String> lanes = new ArrayList<>();
            value.forEach(lane -> lanes.add(lane.asText()));
            return ScriptValue.vector(shape(node.path("lane_type").asText(), lanes.size()), lanes);
        }
        return value.isMissingNode() ? ScriptValue.reference(type) : ScriptValue.scalar(type, value.asText());
    }

    private static String shape(String lane, int lanes) {
        return lane + "x" + lanes;
    }
}
