package io.selvage.wasi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A function of the C library that answers -1 for a failure and leaves the reason in {@code errno}; linked when used.
 */
final class NativeCall {
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final String name;
    private final FunctionDescriptor type;
    private final Linker.Option[] options;
    private volatile @Nullable MethodHandle handle;

    NativeCall(String name, FunctionDescriptor type) {
        this(name, type, Linker.Option.captureCallState("errno"));
    }

    /** A function whose arguments from {@code firstVariable} on are variable. */
    NativeCall(String name, FunctionDescriptor type, int firstVariable) {
        this(name, type, Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(firstVariable));
    }

    private NativeCall(String name, FunctionDescriptor type, Linker.Option... options) {
        this.name = name;
        this.type = type;
        this.options = options;
    }

    /** Calls it; throws what {@code errno} says if it answers -1. */
    int callInt(Arena arena, Object... arguments) {
        return (int) callLong(arena, arguments);
    }

    long callLong(Arena arena, Object... arguments) {
        MemorySegment state = arena.allocate(STATE);
        long result = ((Number) call(state, arguments)).longValue();
        if (result == -1) {
            throw new WasiException(errno((int) ERRNO.get(state, 0L)));
        }
        return result;
    }

    /** Calls a function that answers an address, which may be null. */
    MemorySegment callAddress(Arena arena, Object... arguments) {
        return (MemorySegment) call(arena.allocate(STATE), arguments);
    }

    private Object call(MemorySegment state, Object... arguments) {
        try {
            return handle().invokeExact(state, arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a C function cannot throw", e);
        }
    }

    @SuppressWarnings("restricted")
    private MethodHandle handle() {
        MethodHandle linked = handle;
        if (linked == null) {
            Linker linker = Linker.nativeLinker();
            MemorySegment address = linker.defaultLookup().findOrThrow(name);
            MethodHandle exact = linker.downcallHandle(address, type, options);
            linked = exact.asSpreader(1, Object[].class, exact.type().parameterCount() - 1)
                    .asType(MethodType.methodType(Object.class, MemorySegment.class, Object[].class));
            handle = linked;
        }
        return linked;
    }

    /** From the numbers of Linux ({@code asm-generic/errno.h}). */
    private static Errno errno(int number) {
        return switch (number) {
            case 1 -> Errno.PERM;
            case 2 -> Errno.NOENT;
            case 4 -> Errno.INTR;
            case 6 -> Errno.NXIO;
            case 9 -> Errno.BADF;
            case 11 -> Errno.AGAIN;
            case 12 -> Errno.NOMEM;
            case 13 -> Errno.ACCES;
            case 16 -> Errno.BUSY;
            case 17 -> Errno.EXIST;
            case 18 -> Errno.XDEV;
            case 19 -> Errno.NODEV;
            case 20 -> Errno.NOTDIR;
            case 21 -> Errno.ISDIR;
            case 22 -> Errno.INVAL;
            case 23 -> Errno.NFILE;
            case 24 -> Errno.MFILE;
            case 26 -> Errno.TXTBSY;
            case 27 -> Errno.FBIG;
            case 28 -> Errno.NOSPC;
            case 30 -> Errno.ROFS;
            case 31 -> Errno.MLINK;
            case 36 -> Errno.NAMETOOLONG;
            case 39 -> Errno.NOTEMPTY;
            case 40 -> Errno.LOOP;
            case 75 -> Errno.OVERFLOW;
            case 95 -> Errno.NOTSUP;
            case 116 -> Errno.STALE;
            case 122 -> Errno.DQUOT;
            default -> Errno.IO;
        };
    }
}
