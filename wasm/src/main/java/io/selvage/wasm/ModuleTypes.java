package io.selvage.wasm;

import io.selvage.wasm.internal.RuntimeType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The type index space of a module, and the types of values as {@code int}s for the validator's stacks; see
 * {@link TypeCode} for those that need no definition. Equal types have equal codes.
 */
final class ModuleTypes {
    private final List<DefinedType> types = new ArrayList<>();
    /** For each index the first that has the same type. */
    private int[] canonical = new int[0];

    private RuntimeType[] runtimeTypes = {};

    private final Map<DefinedType, Integer> indices = new IdentityHashMap<>();

    /** Adds the types of a group. */
    void add(RecursiveGroup group) {
        for (DefinedType type : group.types()) {
            int index = types.size();
            if (index == canonical.length) {
                canonical = Arrays.copyOf(canonical, Math.max(16, index * 2));
            }
            types.add(type);
            Integer first = indices.putIfAbsent(type, index);
            canonical[index] = first == null ? index : first;
        }
    }

    /** The types as objects and functions carry them, by index; shared and not changed. */
    RuntimeType[] runtimeTypes() {
        if (runtimeTypes.length != types.size()) {
            runtimeTypes = types.stream().map(DefinedType::runtimeType).toArray(RuntimeType[]::new);
        }
        return runtimeTypes;
    }

    int size() {
        return types.size();
    }

    DefinedType get(int index) {
        return types.get(index);
    }

    /** What the type at {@code index} defines. */
    CompositeType composite(int index) {
        return types.get(index).composite();
    }

    /** The function type at {@code index}, where one is known to be. */
    FunctionType function(int index) {
        return (FunctionType) types.get(index).composite();
    }

    boolean isFunction(int index) {
        return types.get(index).form() == AbstractHeapType.FUNC;
    }

    /** The first index of the type at {@code index}. */
    int canonical(int index) {
        return canonical[index];
    }

    /** The code of references to the type at {@code index}. */
    int reference(int index, boolean nullable) {
        return TypeCode.reference(TypeCode.FIRST_DEFINED + canonical[index], nullable);
    }

    int code(ValueType type) {
        return type.isReference() && type.heap() instanceof DefinedType defined
                ? TypeCode.reference(TypeCode.FIRST_DEFINED + index(defined), type.isNullable())
                : TypeCode.code(type);
    }

    private int index(DefinedType type) {
        Integer index = indices.get(type);
        if (index == null) {
            throw new IllegalStateException("the module does not define " + type);
        }
        return index;
    }

    /** The types in order; the same array for every list of one plain type. */
    int[] codes(List<ValueType> values) {
        int size = values.size();
        if (size <= 1) {
            return size == 0 ? TypeCode.NONE : TypeCode.single(code(values.getFirst()));
        }
        int[] codes = new int[size];
        for (int i = 0; i < size; i++) {
            codes[i] = code(values.get(i));
        }
        return codes;
    }

    /** The type that {@code code} stands for, which is not {@link TypeCode#UNKNOWN}. */
    ValueType value(int code) {
        int heap = TypeCode.heap(code);
        return TypeCode.isReference(code) && heap >= TypeCode.FIRST_DEFINED
                ? types.get(heap - TypeCode.FIRST_DEFINED).reference(TypeCode.isNullable(code))
                : TypeCode.value(code);
    }

    /** Whether types match others, one by one. */
    boolean areSubtypes(int[] values, int[] others) {
        if (values.length != others.length) {
            return false;
        }
        for (int i = 0; i < values.length; i++) {
            if (!isSubtype(values[i], others[i])) {
                return false;
            }
        }
        return true;
    }

    /** Whether every value of type {@code code} is one of type {@code other} too (core spec §3.3.4). */
    boolean isSubtype(int code, int other) {
        if (code == other || code == TypeCode.UNKNOWN) {
            return true;
        }
        if (!TypeCode.isReference(code)
                || !TypeCode.isReference(other)
                || (TypeCode.isNullable(code) && !TypeCode.isNullable(other))) {
            return false;
        }
        return isHeapSubtype(TypeCode.heap(code), TypeCode.heap(other));
    }

    /** The same of heap types by their numbers. */
    boolean isHeapSubtype(int heap, int other) {
        return heap == other
                || heap == TypeCode.BOTTOM
                || (other != TypeCode.BOTTOM && heap(heap).isSubtypeOf(heap(other)));
    }

    /** The heap type with this number; see {@link TypeCode}. */
    HeapType heap(int number) {
        return number >= TypeCode.FIRST_DEFINED
                ? types.get(number - TypeCode.FIRST_DEFINED)
                : TypeCode.abstractHeap(number);
    }

    /** For messages. */
    String text(int code) {
        int heap = TypeCode.heap(code);
        if (TypeCode.isReference(code) && heap >= TypeCode.FIRST_DEFINED) {
            return "(ref " + (TypeCode.isNullable(code) ? "null " : "") + (heap - TypeCode.FIRST_DEFINED) + ")";
        }
        return TypeCode.text(code);
    }
}
