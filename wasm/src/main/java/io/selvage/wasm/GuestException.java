package io.selvage.wasm;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An exception of WebAssembly (core spec §4.2.11), thrown by a guest or by a function of the host. Guests catch it by its
 * tag; one that no guest catches comes out of the call of the host. Only the first {@value #TRACED} that an instance throws know
 * where that was: to note it takes longer than everything else that throwing does.
 */
public final class GuestException extends WasmException {
    private static final long serialVersionUID = 1L;

    /** How many exceptions of an instance know where they were thrown. */
    public static final int TRACED = 64;

    private final transient Tag tag;
    /** The only value, if it is a number. */
    private final long bits;
    /** The only value, if it is no number; several as a {@code long[]} of bits or, if not all are numbers, boxed. */
    private final transient @Nullable Object payload;
    /** Whose functions are on the stack; null if that is not known. */
    private final transient @Nullable Module thrower;

    /**
     * An exception to be thrown by a function of the host.
     *
     * @param values what it carries, boxed as for {@link Function#call}
     * @throws IllegalArgumentException if the values are not of the tag's type
     */
    public GuestException(Tag tag, @Nullable Object... values) {
        this(tag, values.length == 1 ? Values.bits(values[0]) : 0, packed(tag, values), null);
    }

    private GuestException(Tag tag, long bits, @Nullable Object payload, @Nullable Module thrower) {
        super("uncaught exception", null, thrower != null);
        this.tag = tag;
        this.bits = bits;
        this.payload = payload;
        this.thrower = thrower;
    }

    /**
     * An exception of compiled code, unchecked because that has been validated; see {@link #bits} and {@link #payload}.
     *
     * @param thrower whose function throws it here, if that is to be noted
     */
    public static GuestException compiled(Tag tag, long bits, @Nullable Object payload, @Nullable Module thrower) {
        return new GuestException(tag, bits, payload, thrower);
    }

    private static @Nullable Object packed(Tag tag, @Nullable Object[] values) {
        List<ValueType> types = tag.type().type().parameters();
        if (types.size() != values.length) {
            throw new IllegalArgumentException(
                    "an exception of type " + types + " carries " + types.size() + " values, got " + values.length);
        }
        for (int i = 0; i < values.length; i++) {
            Values.check(types.get(i), values[i]);
        }
        if (values.length < 2) {
            return values.length == 1 && !types.getFirst().isNumeric() ? values[0] : null;
        }
        return types.stream().allMatch(ValueType::isNumeric)
                ? Arrays.stream(values).mapToLong(Values::bits).toArray()
                : values.clone();
    }

    /** What kind of exception it is. */
    public Tag tag() {
        return tag;
    }

    /** What it carries, boxed as what {@link Function#call} answers. */
    public @Nullable Object[] values() {
        List<ValueType> types = tag.type().type().parameters();
        if (types.size() == 1) {
            ValueType type = types.getFirst();
            return new Object[] {!type.isNumeric() ? payload : Values.fromBits(type, bits)};
        }
        return switch (payload) {
            case null -> new Object[0];
            case long[] numbers -> {
                Object[] boxed = new Object[numbers.length];
                Arrays.setAll(boxed, i -> Values.fromBits(types.get(i), numbers[i]));
                yield boxed;
            }
            default -> ((Object[]) payload).clone();
        };
    }

    /**
     * The guest's functions that were on the stack when it was thrown, the innermost first; empty if that is not known: if the
     * host threw it, or an instance that had thrown many.
     */
    public List<Trap.Frame> frames() {
        return thrower == null ? List.of() : new GuestStack(thrower).frames(getStackTrace(), Trap.MAXIMUM_FRAMES);
    }

    /** The bits of the only number that it carries: for compiled code. */
    public long bits() {
        return bits;
    }

    /** What it carries besides, as compiled code packs it. */
    public @Nullable Object payload() {
        return payload;
    }

    /** What it is, for people: it carries {@code …}. */
    @Override
    public String getMessage() {
        return "uncaught exception: the guest threw one that nothing caught; it carries " + Arrays.toString(values())
                + " of " + tag.type().type().parameters();
    }
}
