package io.selvage.wasm;

import io.selvage.wasm.internal.RuntimeType;
import java.util.List;
import java.util.Optional;

/**
 * A type that modules define (core spec §2.3.12): a function, struct or array type as a member of its recursive group.
 * There is one object in the process for all equal definitions, whichever module they are from, so {@code ==} compares;
 * {@link RecursiveGroup} sees to that.
 */
final class DefinedType implements HeapType {
    private final RecursiveGroup group;
    private final int member;
    private final boolean isFinal;
    private final Optional<DefinedType> supertype;
    private final AbstractHeapType form;
    private final RuntimeType runtimeType;
    private final ValueType nullable;
    private final ValueType nonNull;
    private CompositeType composite = FunctionType.of();

    /** A type whose contents {@linkplain #complete come later}, since they can name the type itself. */
    DefinedType(
            RecursiveGroup group, int member, boolean isFinal, Optional<DefinedType> supertype, AbstractHeapType form) {
        this.group = group;
        this.member = member;
        this.isFinal = isFinal;
        this.supertype = supertype;
        this.form = form;
        runtimeType = new RuntimeType(supertype.map(DefinedType::runtimeType).orElse(null));
        nullable = new ValueType(this, true);
        nonNull = new ValueType(this, false);
    }

    /** The definition of a function type that stands alone, as module of WebAssembly 1.0 writes it. */
    static DefinedType of(FunctionType type) {
        return RecursiveGroup.of(type).types().getFirst();
    }

    void complete(CompositeType contents) {
        composite = contents;
    }

    /** What it defines. */
    CompositeType composite() {
        return composite;
    }

    /** Its recursive group. */
    RecursiveGroup group() {
        return group;
    }

    /** Whether no type may name it as its supertype. */
    boolean isFinal() {
        return isFinal;
    }

    /** The type that it declares itself a subtype of. */
    Optional<DefinedType> supertype() {
        return supertype;
    }

    RuntimeType runtimeType() {
        return runtimeType;
    }

    /** {@code func}, {@code struct} or {@code array}. */
    AbstractHeapType form() {
        return form;
    }

    /** The type of references to it, with or without null. */
    ValueType reference(boolean withNull) {
        return withNull ? nullable : nonNull;
    }

    /**
     * Whether it is a function type that could have been written in WebAssembly 1.0: it stands alone, has no subtypes
     * and names no defined type. Then types are equal where their parameters and results are.
     */
    boolean isPlainFunction() {
        return isFinal
                && supertype.isEmpty()
                && group.types().size() == 1
                && composite instanceof FunctionType function
                && isPlain(function.parameters())
                && isPlain(function.results());
    }

    private static boolean isPlain(List<ValueType> types) {
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).isReference() && types.get(i).heap() instanceof DefinedType) {
                return false;
            }
        }
        return true;
    }

    @Override
    public AbstractHeapType top() {
        return form.top();
    }

    @Override
    public boolean isSubtypeOf(HeapType other) {
        return switch (other) {
            case DefinedType type -> runtimeType.isSubtypeOf(type.runtimeType);
            case AbstractHeapType type -> form.isSubtypeOf(type);
        };
    }

    /** For people; definitions have no names of their own. */
    @Override
    public String toString() {
        return form + " type " + member + " of group " + Integer.toHexString(System.identityHashCode(group));
    }
}
