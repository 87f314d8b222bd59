package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The types of a module: those that it defines, and those of functions that it writes where they are used. */
final class Types {
    private final IndexSpace space = new IndexSpace("type");
    private final List<Optional<FunctionSignature>> signatures = new ArrayList<>();
    private final List<IndexSpace> fields = new ArrayList<>();
    private final Map<FunctionSignature, Integer> plainFunctions = new HashMap<>();
    private final BinaryWriter groups = new BinaryWriter();
    private int groupCount;

    IndexSpace space() {
        return space;
    }

    void declare(Cursor in) {
        space.declare(in);
        fields.add(new IndexSpace("field"));
    }

    /** The fields of a structure; none if there is no such type. */
    IndexSpace fields(int type) {
        return type >= 0 && type < fields.size() ? fields.get(type) : new IndexSpace("field");
    }

    List<IndexSpace> fields() {
        return fields;
    }

    /** The signature of a type, if there is such a type and it is one of functions. */
    Optional<FunctionSignature> signature(int type) {
        return type >= 0 && type < signatures.size() ? signatures.get(type) : Optional.empty();
    }

    boolean exists(int type) {
        return type >= 0 && type < space.size();
    }

    /**
     * Gives the next type its meaning.
     *
     * @param plain whether it is final, without supertypes and alone in its group
     */
    void define(Optional<FunctionSignature> signature, boolean plain) {
        int index = signatures.size();
        signatures.add(signature);
        if (plain) {
            signature.ifPresent(it -> plainFunctions.putIfAbsent(it, index));
        }
    }

    /** Adds a group of types in the binary format. */
    void group(byte[] encoded) {
        groups.bytes(encoded);
        groupCount++;
    }

    /** The index of the first type of such functions; it is made if there is none. */
    int indexOf(FunctionSignature signature) {
        Integer known = plainFunctions.get(signature);
        if (known != null) {
            return known;
        }
        int index = space.add();
        fields.add(new IndexSpace("field"));
        define(Optional.of(signature), true);
        signature.write(groups);
        groupCount++;
        return index;
    }

    int groupCount() {
        return groupCount;
    }

    byte[] groups() {
        return groups.toByteArray();
    }
}
