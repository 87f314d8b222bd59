package io.selvage.wasm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the functions of guests in a stack of the JVM: several Java frames may be one of WebAssembly, and most are none.
 * Immutable, so that tools which sample stacks can share one.
 */
public final class GuestStack {
    private static final String FUNCTIONS = "selvage.guest.F";
    private static final String CHUNKS = "selvage.guest.C";

    /** Not a function of a guest. */
    static final int NONE = -1;

    private final Module module;

    /** For stacks in which functions of {@code module} are to be named. */
    public GuestStack(Module module) {
        this.module = module;
    }

    /**
     * The frames of a stack that are functions of guests.
     *
     * @param stack as the JVM has it, the innermost frame first
     * @param most how many frames are wanted at most
     * @return the innermost first
     */
    public List<Trap.Frame> frames(StackTraceElement[] stack, int most) {
        List<Trap.Frame> frames = new ArrayList<>();
        int chunkLine = 0;
        for (StackTraceElement element : stack) {
            boolean own = module.code().getName().equals(element.getClassLoaderName());
            if (element.getClassName().startsWith(CHUNKS)) {
                chunkLine = element.getLineNumber();
                continue;
            }
            int function = functionOf(element.getClassName(), element.getMethodName());
            int line = chunkLine > 0 ? chunkLine : element.getLineNumber();
            // What makes the tail calls that a function has left, or has let the clock be looked at, has no line and is
            // around the real one.
            if (function != NONE && line > 0 && frames.size() < most) {
                frames.add(
                        own ? frame(function, line) : new Trap.Frame(function, "$" + function, NONE, Optional.empty()));
            }
            chunkLine = 0;
        }
        return List.copyOf(frames);
    }

    private Trap.Frame frame(int function, int line) {
        ModuleData data = module.data();
        int offset = CodeOffsets.offset(data.bodies().get(function - data.importedFunctions()), line);
        return new Trap.Frame(function, module.functionName(function), offset, module.source(offset));
    }

    /**
     * The guest's function, by its name, that a Java frame is of.
     *
     * @param line the frame's line number, 0 or less if it has none
     * @return empty if it is none, or a part of one that has a frame of its own
     */
    public Optional<String> functionName(String className, String methodName, int line) {
        int function = functionOf(className, methodName);
        return function == NONE || line <= 0 ? Optional.empty() : Optional.of(module.functionName(function));
    }

    private static int functionOf(String className, String methodName) {
        boolean function = className.startsWith(FUNCTIONS)
                && "ftp".indexOf(methodName.charAt(0)) >= 0
                && methodName.chars().skip(1).allMatch(Character::isDigit);
        return function ? Integer.parseInt(methodName.substring(1)) : NONE;
    }
}
