package io.selvage.wasm;

import java.util.Arrays;
import java.util.OptionalLong;

/** Reads the types of the binary format (core spec §5.3) and checks what can be checked of a type alone (§3.2). */
final class TypeReader {
    private static final long MEMORY_PAGES = 65_536;
    private static final long MEMORY64_PAGES = 1L << 48;
    private static final long TABLE_ELEMENTS = 0xffff_ffffL;
    private static final int LIMITS_64 = 4;
    private static final int LIMITS_SHARED = 2;

    private static final int NULLABLE = 0x63;
    private static final int NON_NULL = 0x64;
    private static final int RECURSIVE = 0x4e;
    private static final int SUB_FINAL = 0x4f;
    private static final int SUB = 0x50;
    private static final int ARRAY = 0x5e;
    private static final int STRUCT = 0x5f;
    private static final int FUNCTION = 0x60;

    private static final ModuleTypes NONE = new ModuleTypes();

    private TypeReader() {}

    /** A type of values, as a number ({@link ModuleTypes}); {@code types} are those that it can name. */
    static int valueCode(BinaryReader in, ModuleTypes types) {
        int offset = in.position();
        int code = in.u8();
        return switch (code) {
            case 0x7f -> TypeCode.I32;
            case 0x7e -> TypeCode.I64;
            case 0x7d -> TypeCode.F32;
            case 0x7c -> TypeCode.F64;
            case 0x7b -> vector(offset);
            default -> referenceCode(code, in, types, "malformed value type", offset);
        };
    }

    private static int vector(int offset) {
        VectorModule.require(offset);
        return TypeCode.V128;
    }

    /** A reference type, as a number. */
    static int referenceCode(BinaryReader in, ModuleTypes types) {
        int offset = in.position();
        return referenceCode(in.u8(), in, types, "malformed reference type", offset);
    }

    private static int referenceCode(int code, BinaryReader in, ModuleTypes types, String malformed, int offset) {
        return switch (code) {
            case 0x70 -> TypeCode.FUNCREF;
            case 0x6f -> TypeCode.EXTERNREF;
            case NULLABLE -> TypeCode.reference(heap(in, types), true);
            case NON_NULL -> TypeCode.reference(heap(in, types), false);
            default -> {
                if (!AbstractHeapType.isCode(code)) {
                    throw Proposals.type(code, malformed, offset);
                }
                yield TypeCode.reference(AbstractHeapType.of(code).ordinal(), true);
            }
        };
    }

    /** A heap type, as a number ({@link TypeCode}). */
    static int heap(BinaryReader in, ModuleTypes types) {
        int offset = in.position();
        long number = in.s33();
        return number < 0
                ? abstractHeap(number, offset).ordinal()
                : TypeCode.FIRST_DEFINED + types.canonical(checkIndex(number, types.size(), offset));
    }

    private static AbstractHeapType abstractHeap(long number, int offset) {
        int code = (int) number & 0x7f;
        if (number < -64 || !AbstractHeapType.isCode(code)) {
            throw new MalformedException("malformed heap type " + number, offset);
        }
        return AbstractHeapType.of(code);
    }

    private static int checkIndex(long index, int size, int offset) {
        if (index >= size) {
            throw new InvalidException("unknown type " + index + ": there are " + size, offset);
        }
        return (int) index;
    }

    /** Reads a type of values whatever it names. */
    static void skipValue(BinaryReader in) {
        int code = in.peek();
        if (code == NULLABLE || code == NON_NULL) {
            in.u8();
            skipHeap(in);
        } else {
            valueCode(in, NONE);
        }
    }

    /** Reads a heap type whatever it names. */
    static void skipHeap(BinaryReader in) {
        int offset = in.position();
        long number = in.s33();
        if (number < 0) {
            abstractHeap(number, offset);
        }
    }

    static ValueType value(BinaryReader in, ModuleTypes types) {
        return types.value(valueCode(in, types));
    }

    static ValueType reference(BinaryReader in, ModuleTypes types) {
        return types.value(referenceCode(in, types));
    }

    /** The types of one recursive group, which {@code types} will have next. */
    static RecursiveGroup group(BinaryReader in, ModuleTypes types) {
        int offset = in.position();
        int form = in.peek();
        int members = 1;
        if (form == RECURSIVE) {
            in.u8();
            members = in.length();
            if (members > ModuleLimits.TYPES - types.size()) {
                throw new UnsupportedException("too many types: the limit is " + ModuleLimits.TYPES, offset);
            }
        }
        return RecursiveGroup.of(new GroupReader(in, types, members).read());
    }

    /** Reads a recursive group, whose types can name each other. */
    private static final class GroupReader {
        private final BinaryReader in;
        private final ModuleTypes types;
        private final int members;
        private final RecursiveGroup.Writer group = new RecursiveGroup.Writer();
        /** How many supertypes each type of the group has above it. */
        private int[] depths = new int[1];

        GroupReader(BinaryReader in, ModuleTypes types, int members) {
            this.in = in;
            this.types = types;
            this.members = members;
        }

        RecursiveGroup.Writer read() {
            for (int i = 0; i < members; i++) {
                member(i);
            }
            return group;
        }

        private void member(int member) {
            int offset = in.position();
            int code = in.u8();
            int supertypes = 0;
            Object supertype = 0;
            boolean open = code == SUB || code == SUB_FINAL;
            if (open) {
                supertypes = in.length();
                if (supertypes > 1) {
                    throw new InvalidException("a type can have one supertype at most, found " + supertypes, offset);
                }
                if (supertypes == 1) {
                    supertype = supertype(member);
                }
                offset = in.position();
            }
            int form = open ? in.u8() : code;
            switch (form) {
                case FUNCTION -> {
                    begin(code, AbstractHeapType.FUNC, supertypes, supertype);
                    values("parameters", ModuleLimits.PARAMETERS);
                    values("results", ModuleLimits.RESULTS);
                }
                case STRUCT -> {
                    begin(code, AbstractHeapType.STRUCT, supertypes, supertype);
                    int count = count("fields", ModuleLimits.FIELDS);
                    group.count(count);
                    for (int i = 0; i < count; i++) {
                        field();
                    }
                }
                case ARRAY -> {
                    begin(code, AbstractHeapType.ARRAY, supertypes, supertype);
                    field();
                }
                default -> throw Proposals.typeForm(form, offset);
            }
        }

        private void begin(int code, AbstractHeapType form, int supertypes, Object supertype) {
            group.member(code != SUB, form);
            group.count(supertypes);
            if (supertypes == 1) {
                group.definition(supertype);
            }
        }

        private Object supertype(int member) {
            int offset = in.position();
            int index = in.u32();
            Object above = index(checkIndex(Integer.toUnsignedLong(index), types.size() + member, offset));
            int depth = 1 + depth(above);
            if (depth > ModuleLimits.SUBTYPING_DEPTH) {
                throw ModuleLimits.tooMany("supertypes above one another", ModuleLimits.SUBTYPING_DEPTH, offset);
            }
            if (member >= depths.length) {
                depths = Arrays.copyOf(depths, Math.max(member + 1, 2 * depths.length));
            }
            depths[member] = depth;
            return above;
        }

        private int depth(Object type) {
            if (type instanceof DefinedType defined) {
                return defined.runtimeType().depth();
            }
            int member = (Integer) type;
            return member < depths.length ? depths[member] : 0;
        }

        /** A type of the group by its place in it, or one from before. */
        private Object index(int index) {
            return index < types.size() ? types.get(index) : (Object) (index - types.size());
        }

        private int count(String what, int limit) {
            int offset = in.position();
            int count = in.length();
            if (count > limit) {
                throw new UnsupportedException(
                        "too many " + what + ": a type has " + count + ", the limit is " + limit, offset);
            }
            return count;
        }

        private void values(String what, int limit) {
            int count = count(what, limit);
            group.count(count);
            for (int i = 0; i < count; i++) {
                value();
            }
        }

        private void value() {
            int code = in.peek();
            if (code != NULLABLE && code != NON_NULL) {
                group.value(TypeReader.value(in, types));
                return;
            }
            in.u8();
            int offset = in.position();
            long number = in.s33();
            if (number < 0) {
                group.value(ValueType.reference(abstractHeap(number, offset), code == NULLABLE));
            } else {
                group.reference(code == NULLABLE, index(checkIndex(number, types.size() + members, offset)));
            }
        }

        private void field() {
            FieldType.Packing packing = switch (in.peek()) {
                case 0x78 -> FieldType.Packing.I8;
                case 0x77 -> FieldType.Packing.I16;
                default -> FieldType.Packing.NONE;
            };
            group.packing(packing);
            if (packing == FieldType.Packing.NONE) {
                value();
            } else {
                in.u8();
            }
            group.mutable(mutability(in));
        }
    }

    private static boolean mutability(BinaryReader in) {
        int offset = in.position();
        int mutable = in.u8();
        if (mutable > 1) {
            throw new MalformedException("malformed mutability: 0 or 1 expected, found " + mutable, offset);
        }
        return mutable == 1;
    }

    static TableType table(BinaryReader in, ModuleTypes types) {
        ValueType element = reference(in, types);
        ValueType address = address(in);
        int offset = in.position();
        Limits limits = limits(in, false);
        checkSize(limits, address == ValueType.I64 ? -1 : TABLE_ELEMENTS, "table size must be at most 2^32-1", offset);
        return new TableType(address, element, limits);
    }

    static MemoryType memory(BinaryReader in) {
        ValueType address = address(in);
        int offset = in.position();
        boolean shared = (in.peek() & LIMITS_SHARED) != 0 && in.peek() < 0x80;
        Limits limits = limits(in, true);
        if (shared && limits.maximum().isEmpty()) {
            throw new InvalidException("shared memory must have maximum", offset);
        }
        if (address == ValueType.I64) {
            checkSize(limits, MEMORY64_PAGES, "memory size must be at most 2^48 pages", offset);
        } else {
            checkSize(limits, MEMORY_PAGES, "memory size must be at most 65536 pages (4GiB)", offset);
        }
        return new MemoryType(address, limits, shared);
    }

    private static void checkSize(Limits limits, long most, String message, int offset) {
        if (Long.compareUnsigned(limits.minimum(), most) > 0
                || Long.compareUnsigned(limits.maximum().orElse(0), most) > 0) {
            throw new InvalidException(message, offset);
        }
    }

    static GlobalType global(BinaryReader in, ModuleTypes types) {
        ValueType type = value(in, types);
        return new GlobalType(type, mutability(in));
    }

    /** The type of addresses, which the flags of the limits that come next tell. */
    private static ValueType address(BinaryReader in) {
        return (in.peek() & LIMITS_64) != 0 && in.peek() < 0x80 ? ValueType.I64 : ValueType.I32;
    }

    private static Limits limits(BinaryReader in, boolean sharable) {
        int offset = in.position();
        int flags = in.u8();
        if (flags > (LIMITS_64 | LIMITS_SHARED | 1) || !sharable && (flags & LIMITS_SHARED) != 0) {
            throw new MalformedException(
                    flags >= 0x80
                            ? "integer representation too long: the flags of limits are one byte"
                            : "malformed limits flags: 0, 1, 4 or 5 expected, for a memory 3 or 7 too, found " + flags,
                    offset);
        }
        long minimum = in.u64();
        OptionalLong maximum = (flags & 1) == 0 ? OptionalLong.empty() : OptionalLong.of(in.u64());
        if (maximum.isPresent() && Long.compareUnsigned(minimum, maximum.getAsLong()) > 0) {
            throw new InvalidException(
                    "size minimum must not be greater than maximum: " + Long.toUnsignedString(minimum) + " and "
                            + Long.toUnsignedString(maximum.getAsLong()),
                    offset);
        }
        return new Limits(minimum, maximum);
    }
}
