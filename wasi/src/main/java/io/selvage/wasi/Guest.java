package io.selvage.wasi;

import io.selvage.wasm.Instance;
import io.selvage.wasm.Memory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What the functions of preview 1 share: reading a guest's arguments, telling it how a call went. */
final class Guest {
    /** The body of a function that answers an {@code errno}. */
    @FunctionalInterface
    interface Call {
        void run();
    }

    private Guest() {}

    /** Runs {@code call} and answers the number that the guest gets. */
    static int answer(Call call) {
        try {
            call.run();
            return 0;
        } catch (WasiException e) {
            return e.errno().code();
        }
    }

    /**
     * Runs {@code call}, which works on the descriptor {@code fd}, and answers the number that the guest gets. If it
     * may wait for something outside, the guest's processor time stands still meanwhile.
     */
    static int answer(Instance caller, int fd, Call call) {
        if (!descriptors(caller).mayWait(fd)) {
            return answer(call);
        }
        caller.beginWait();
        try {
            return answer(call);
        } finally {
            caller.endWait();
        }
    }

    static Descriptors descriptors(Instance caller) {
        return WasiContext.of(caller).descriptors();
    }

    /** A path or link target in UTF-8. */
    static String string(Memory memory, int address, int length) {
        memory.check(address, length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(memory.bytes(), address, length))
                    .toString();
        } catch (CharacterCodingException _) {
            throw new WasiException(Errno.ILSEQ);
        }
    }

    /** {@code value} as flags; throws {@link Errno#INVAL} if there are others than {@code known}. */
    static int flags(int value, int known) {
        if ((value & ~known) != 0) {
            throw new WasiException(Errno.INVAL);
        }
        return value;
    }
}
