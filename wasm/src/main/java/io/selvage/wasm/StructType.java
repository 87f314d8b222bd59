package io.selvage.wasm;

import java.util.List;
import java.util.stream.Collectors;

/** The fields of a struct (core spec §2.3.9). */
record StructType(List<FieldType> fields) implements CompositeType {
    StructType {
        fields = List.copyOf(fields);
    }

    /** Whether it has the fields of {@code other}, each of a subtype, and perhaps more (§3.3.10). */
    boolean isSubtypeOf(StructType other) {
        if (fields.size() < other.fields.size()) {
            return false;
        }
        for (int i = 0; i < other.fields.size(); i++) {
            if (!fields.get(i).isSubtypeOf(other.fields.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** In the manner of the text format, for example {@code (struct i32 (mut i8))}. */
    @Override
    public String toString() {
        return fields.stream().map(field -> " " + field).collect(Collectors.joining("", "(struct", ")"));
    }
}
