package io.selvage.wasm.text;

import java.util.List;
import java.util.Optional;

/** A command of a script of the specification's test suite. */
public sealed interface ScriptCommand {
    /** The line on which it begins, from 1. */
    int line();

    /** Defines a module, and makes an instance of it unless it is only a definition. */
    record Module(int line, Optional<String> name, boolean definition, ScriptModule module) implements ScriptCommand {}

    /** Makes an instance of a module that is defined already, by default the last one. */
    record Instance(int line, Optional<String> name, Optional<String> module) implements ScriptCommand {}

    /** Makes the exports of an instance importable, by default those of the last one. */
    record Register(int line, String as, Optional<String> name) implements ScriptCommand {}

    /** Does something whose results do not matter. */
    record Perform(int line, Action action) implements ScriptCommand {}

    /** An action must have results that fit. */
    record AssertReturn(int line, Action action, List<ScriptValue> expected) implements ScriptCommand {}

    /** An action must trap, or exhaust the stack; {@code text} says why. */
    record AssertTrap(int line, Action action, String text) implements ScriptCommand {}

    /** An action must end with an exception. */
    record AssertException(int line, Action action) implements ScriptCommand {}

    /** A module must be rejected; {@code text} says why. */
    record AssertRejected(int line, Rejection rejection, ScriptModule module, String text) implements ScriptCommand {}

    /** A module must lack an import. */
    record AssertUnlinkable(int line, ScriptModule module, String text) implements ScriptCommand {}

    /** A module must trap when it is instantiated. */
    record AssertUninstantiable(int line, ScriptModule module, String text) implements ScriptCommand {}

    /** Why a module is rejected. */
    enum Rejection {
        MALFORMED,
        INVALID,
        /** An annotation is malformed. */
        MALFORMED_CUSTOM,
        /** An annotation stands where it has no meaning. */
        INVALID_CUSTOM
    }

    /**
     * Something to do with an instance.
     *
     * @param instance its name, by default the last one
     * @param field what it exports
     * @param arguments of a call; empty if {@code field} is a global to be read
     */
    record Action(Optional<String> instance, String field, Optional<List<ScriptValue>> arguments) {}
}
