package io.selvage.wasm;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Types that are defined together and can name each other (core spec §2.3.12). Two groups are equal if they are written
 * alike, where a group's own types count by their place in it (§3.1.8); equal ones are one object in the whole process,
 * for as long as anything uses it.
 */
final class RecursiveGroup {
    private static final Map<List<Object>, Entry> ALL = new HashMap<>();
    private static final ReferenceQueue<RecursiveGroup> GONE = new ReferenceQueue<>();

    /** Where a known group stands, until it is garbage. */
    private static final class Entry extends WeakReference<RecursiveGroup> {
        private final List<Object> description;

        Entry(RecursiveGroup group, List<Object> description) {
            super(group, GONE);
            this.description = description;
        }
    }

    /** What says how a group is written, in the order of {@link Reader}; equal for equal groups. */
    static final class Writer {
        private final List<Object> description = new ArrayList<>();
        private int members;

        /** Begins the next type. */
        void member(boolean isFinal, AbstractHeapType form) {
            members++;
            description.add(isFinal);
            description.add(form);
        }

        void count(int count) {
            description.add(count);
        }

        /** A type of the group by its place in it, or another {@link DefinedType}. */
        void definition(Object memberOrType) {
            description.add(memberOrType);
        }

        /** A type of values other than a reference to a defined type. */
        void value(ValueType type) {
            description.add(type);
        }

        /** The type of references to a type of the group by its place in it, or to another {@link DefinedType}. */
        void reference(boolean nullable, Object memberOrType) {
            description.add(nullable);
            description.add(memberOrType);
        }

        void packing(FieldType.Packing packing) {
            description.add(packing);
        }

        void mutable(boolean mutable) {
            description.add(mutable);
        }
    }

    private final List<DefinedType> types;

    private RecursiveGroup(List<Object> description, int members) {
        types = new ArrayList<>(members);
        new Reader(description, members).read();
    }

    /** The group that is written so. */
    static RecursiveGroup of(Writer writer) {
        List<Object> description = List.copyOf(writer.description);
        synchronized (ALL) {
            for (var gone = GONE.poll(); gone != null; gone = GONE.poll()) {
                ALL.remove(((Entry) gone).description, gone);
            }
            Entry known = ALL.get(description);
            RecursiveGroup group = known == null ? null : known.get();
            if (group == null) {
                group = new RecursiveGroup(description, writer.members);
                ALL.put(description, new Entry(group, description));
            }
            return group;
        }
    }

    /** The group of just one function type, as a module of WebAssembly 1.0 defines it. */
    static RecursiveGroup of(FunctionType type) {
        Writer writer = new Writer();
        writer.member(true, AbstractHeapType.FUNC);
        writer.count(0);
        write(writer, type.parameters());
        write(writer, type.results());
        return of(writer);
    }

    private static void write(Writer writer, List<ValueType> values) {
        writer.count(values.size());
        for (ValueType value : values) {
            if (value.isReference() && value.heap() instanceof DefinedType type) {
                writer.reference(value.isNullable(), type);
            } else {
                writer.value(value);
            }
        }
    }

    /** Its types, in order. */
    List<DefinedType> types() {
        return types;
    }

    /** Makes the types of a group of what is written. */
    private final class Reader {
        private final List<Object> description;
        private final int members;
        private int next;

        Reader(List<Object> description, int members) {
            this.description = description;
            this.members = members;
        }

        void read() {
            // Every type has to be there before the contents of any can name it: so twice over the description.
            for (int i = 0; i < members; i++) {
                boolean isFinal = (Boolean) next();
                AbstractHeapType form = (AbstractHeapType) next();
                Optional<DefinedType> above = (Integer) next() == 0 ? Optional.empty() : Optional.of(definition());
                types.add(new DefinedType(RecursiveGroup.this, i, isFinal, above, form));
                skip(form);
            }
            next = 0;
            for (int i = 0; i < members; i++) {
                next++;
                AbstractHeapType form = (AbstractHeapType) next();
                int supertypes = (Integer) next();
                next += supertypes;
                types.get(i).complete(composite(form));
            }
        }

        private Object next() {
            return description.get(next++);
        }

        private DefinedType definition() {
            return next() instanceof Integer member ? types.get(member) : (DefinedType) description.get(next - 1);
        }

        private CompositeType composite(AbstractHeapType form) {
            return switch (form) {
                case FUNC -> {
                    List<ValueType> parameters = values();
                    yield new FunctionType(parameters, values());
                }
                case STRUCT -> {
                    int count = (Integer) next();
                    List<FieldType> fields = new ArrayList<>(count);
                    for (int i = 0; i < count; i++) {
                        fields.add(field());
                    }
                    yield new StructType(fields);
                }
                default -> new ArrayType(field());
            };
        }

        private List<ValueType> values() {
            int count = (Integer) next();
            List<ValueType> values = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                values.add(value());
            }
            return values;
        }

        private ValueType value() {
            return switch (next()) {
                case Boolean nullable -> definition().reference(nullable);
                case ValueType type -> type;
                case Object other -> throw new IllegalStateException("no value type: " + other);
            };
        }

        private FieldType field() {
            FieldType.Packing packing = (FieldType.Packing) next();
            ValueType type = packing == FieldType.Packing.NONE ? value() : ValueType.I32;
            return new FieldType(type, packing, (Boolean) next());
        }

        private void skip(AbstractHeapType form) {
            switch (form) {
                case FUNC -> {
                    skipValues();
                    skipValues();
                }
                case STRUCT -> {
                    int count = (Integer) next();
                    for (int i = 0; i < count; i++) {
                        skipField();
                    }
                }
                default -> skipField();
            }
        }

        private void skipValues() {
            int count = (Integer) next();
            for (int i = 0; i < count; i++) {
                skipValue();
            }
        }

        private void skipValue() {
            if (next() instanceof Boolean) {
                next++;
            }
        }

        private void skipField() {
            if (next() == FieldType.Packing.NONE) {
                skipValue();
            }
            next++;
        }
    }
}
