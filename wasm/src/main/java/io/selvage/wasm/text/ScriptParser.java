package io.selvage.wasm.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the commands of a script; the modules in it are read later, one by one. */
final class ScriptParser {
    private final Cursor in;

    ScriptParser(Cursor in) {
        this.in = in;
    }

    List<ScriptCommand> script() {
        if (in.is(TokenKind.OPEN) && isField(in.formWord())) {
            byte[] module = ModuleParser.text(in);
            return List.of(new ScriptCommand.Module(1, Optional.empty(), false, ScriptModule.text(module::clone)));
        }
        List<ScriptCommand> commands = new ArrayList<>();
        while (!in.is(TokenKind.END)) {
            commands.add(command());
        }
        return commands;
    }

    private static boolean isField(String word) {
        return switch (word) {
            case "type",
                    "rec",
                    "import",
                    "func",
                    "table",
                    "memory",
                    "global",
                    "tag",
                    "export",
                    "start",
                    "elem",
                    "data" -> true;
            default -> false;
        };
    }

    private ScriptCommand command() {
        int line = in.line();
        String word = in.formWord();
        switch (word) {
            case "module" -> {
                return module(line);
            }
            case "invoke", "get" -> {
                return new ScriptCommand.Perform(line, action());
            }
            default -> {}
        }
        if (!in.is(TokenKind.OPEN)) {
            throw in.unexpected("a command");
        }
        in.advance();
        if (word.isEmpty()) {
            throw in.unexpected("a command");
        }
        in.advance();
        ScriptCommand command = command(line, word);
        in.close();
        return command;
    }

    private ScriptCommand command(int line, String word) {
        return switch (word) {
            case "register" -> new ScriptCommand.Register(line, in.name("a name"), in.id());
            case "assert_return" -> new ScriptCommand.AssertReturn(line, action(), values());
            case "assert_trap" -> assertTrap(line);
            case "assert_exhaustion" -> new ScriptCommand.AssertTrap(line, action(), message());
            case "assert_exception" -> new ScriptCommand.AssertException(line, action());
            case "assert_unlinkable" -> new ScriptCommand.AssertUnlinkable(line, inner(), message());
            case "assert_malformed" -> rejected(line, ScriptCommand.Rejection.MALFORMED);
            case "assert_invalid" -> rejected(line, ScriptCommand.Rejection.INVALID);
            case "assert_malformed_custom" -> rejected(line, ScriptCommand.Rejection.MALFORMED_CUSTOM);
            case "assert_invalid_custom" -> rejected(line, ScriptCommand.Rejection.INVALID_CUSTOM);
            default -> {
                in.position(in.position() - 1);
                throw in.unexpected("a command");
            }
        };
    }

    private String message() {
        return new String(in.string("what is wrong"), StandardCharsets.UTF_8);
    }

    // ---- modules

    private ScriptCommand module(int line) {
        in.open("module");
        if (in.accept("instance")) {
            Optional<String> name = in.id();
            Optional<String> module = in.id();
            in.close();
            return new ScriptCommand.Instance(
                    line, module.isPresent() ? name : Optional.empty(), module.or(() -> name));
        }
        boolean definition = in.accept("definition");
        Optional<String> name = in.id();
        return new ScriptCommand.Module(line, name, definition, moduleAfterName(name));
    }

    private ScriptModule inner() {
        in.open("module");
        in.accept("definition");
        return moduleAfterName(in.id());
    }

    /** Reads the rest of a module, its closing parenthesis too. */
    private ScriptModule moduleAfterName(Optional<String> name) {
        ScriptModule module;
        if (in.accept("binary")) {
            module = ScriptModule.binary(in.strings());
        } else if (in.accept("quote")) {
            module = ScriptModule.quote(in.strings());
        } else {
            Cursor fields = new Cursor(in.tokens());
            int start = in.position();
            module = ScriptModule.text(() -> text(fields, start, name));
            while (in.is(TokenKind.OPEN)) {
                in.skipForm();
            }
        }
        in.close();
        return module;
    }

    private static byte[] text(Cursor in, int start, Optional<String> name) {
        in.position(start);
        return ModuleParser.fields(in, name);
    }

    private ScriptCommand rejected(int line, ScriptCommand.Rejection rejection) {
        return new ScriptCommand.AssertRejected(line, rejection, inner(), message());
    }

    private ScriptCommand assertTrap(int line) {
        if (in.isForm("module")) {
            return new ScriptCommand.AssertUninstantiable(line, inner(), message());
        }
        return new ScriptCommand.AssertTrap(line, action(), message());
    }

    // ---- actions and values

    private ScriptCommand.Action action() {
        boolean get = in.isForm("get");
        in.open(get ? "get" : "invoke");
        Optional<String> instance = in.id();
        String field = in.name("the name of an export");
        Optional<List<ScriptValue>> arguments = get ? Optional.empty() : Optional.of(values());
        in.close();
        return new ScriptCommand.Action(instance, field, arguments);
    }

    private List<ScriptValue> values() {
        List<ScriptValue> values = new ArrayList<>();
        while (in.is(TokenKind.OPEN)) {
            values.add(value());
        }
        return values;
    }

    private ScriptValue value() {
        if (in.acceptForm("either")) {
            List<ScriptValue> alternatives = values();
            in.close();
            return ScriptValue.either(alternatives);
        }
        in.advance();
        ScriptValue value = value(in.keyword("a constant or a pattern of results"));
        in.close();
        return value;
    }

    private ScriptValue value(String word) {
        return switch (word) {
            case "i32.const", "i64.const", "f32.const", "f64.const" -> {
                String type = word.substring(0, 3);
                yield ScriptValue.scalar(type, number(type));
            }
            case "v128.const" -> vector();
            case "ref.null" -> nullReference();
            case "ref.extern" -> host("externref");
            case "ref.host" -> host("anyref");
            case "ref" -> ScriptValue.reference("ref");
            case "ref.func", "ref.struct", "ref.array", "ref.eq", "ref.i31", "ref.exn", "ref.any" ->
                ScriptValue.reference(word.substring(4) + "ref");
            default -> {
                in.position(in.position() - 1);
                throw in.unexpected("a constant or a pattern of results");
            }
        };
    }

    private String number(String type) {
        if (in.isKeyword("nan:canonical") || in.isKeyword("nan:arithmetic")) {
            return in.keyword("a pattern");
        }
        return switch (type) {
            case "f32" -> Integer.toUnsignedString(in.f32());
            case "f64" -> Long.toUnsignedString(in.f64());
            default -> {
                int bits = Integer.parseInt(type.substring(1));
                yield Long.toUnsignedString(in.integer(bits) & -1L >>> (64 - bits));
            }
        };
    }

    private ScriptValue vector() {
        String shape = in.keyword("the shape of a vector");
        int count = VectorText.lanes(shape);
        if (count == 0) {
            in.position(in.position() - 1);
            throw in.unexpected("the shape of a vector");
        }
        List<String> lanes = new ArrayList<>();
        while (!in.is(TokenKind.CLOSE)) {
            lanes.add(number(shape.substring(0, shape.indexOf('x'))));
        }
        if (lanes.size() != count) {
            throw in.error("wrong number of lane literals: " + shape + " has " + count);
        }
        return ScriptValue.vector(shape, lanes);
    }

    private ScriptValue nullReference() {
        if (in.is(TokenKind.CLOSE)) {
            return ScriptValue.scalar("refnull", "null");
        }
        return ScriptValue.scalar(in.keyword("a heap type") + "ref", "null");
    }

    private ScriptValue host(String type) {
        return in.is(TokenKind.CLOSE)
                ? ScriptValue.reference(type)
                : ScriptValue.scalar(type, Integer.toUnsignedString(in.u32("the number of an object")));
    }
}
