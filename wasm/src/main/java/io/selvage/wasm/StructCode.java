package io.selvage.wasm;

import static io.selvage.wasm.ClassAssembler.ACC_PUBLIC;
import static io.selvage.wasm.ClassAssembler.ACC_STATIC;
import static io.selvage.wasm.ClassAssembler.ACC_SUPER;

import io.selvage.wasm.internal.GuestStruct;
import io.selvage.wasm.internal.Ops;
import io.selvage.wasm.internal.RuntimeType;

/**
 * The generated classes of structs. A class is named after how its fields are stored, one letter each, and extends the
 * class of the supertype; so a field of a supertype is the same field in all subtypes, and structs of whichever modules
 * that look alike share a class. What type a struct is of, it says itself.
 */
final class StructCode {
    /** How the names begin, in the package of all generated classes. */
    static final String PREFIX = "Struct_";

    private static final String BASE = GuestStruct.class.getName().replace('.', '/');
    private static final String TYPE_D = RuntimeType.class.descriptorString();

    /** A struct with more slots of fields than this is not made by one call. */
    private static final int MAXIMUM_SLOTS = 240;

    private StructCode() {}

    /** The class of structs of a type. */
    static String className(DefinedType type) {
        return GuestNames.PACKAGE + simpleName(type);
    }

    private static String simpleName(DefinedType type) {
        String above =
                type.supertype().map(supertype -> simpleName(supertype) + "_").orElse(PREFIX);
        int inherited = type.supertype()
                .map(supertype -> ((StructType) supertype.composite()).fields().size())
                .orElse(0);
        StructType struct = (StructType) type.composite();
        StringBuilder name = new StringBuilder(above);
        struct.fields().stream().skip(inherited).forEach(field -> name.append(letter(field)));
        return name.toString();
    }

    /** How a field is stored: {@code b} and {@code s} are packed, else the character of {@link CodeAssembler}. */
    static char letter(FieldType field) {
        return switch (field.packing()) {
            case I8 -> 'b';
            case I16 -> 's';
            case NONE -> Signature.character(field.type());
        };
    }

    /** The JVM descriptor of a field. */
    static String descriptor(char letter) {
        return switch (letter) {
            case 'b' -> "B";
            case 's' -> "S";
            default -> ValueCode.descriptor(letter);
        };
    }

    /** The character of the value that is put into a field. */
    static char value(char letter) {
        return letter == 'b' || letter == 's' ? 'I' : letter;
    }

    /** How many bytes of the heap a struct takes, about. */
    static int bytes(StructType struct) {
        return Ops.OBJECT_BYTES
                + struct.fields().stream().mapToInt(Aggregates::bytes).sum();
    }

    /** The characters of the values of a struct's fields, in order. */
    static String values(StructType struct) {
        StringBuilder values = new StringBuilder();
        struct.fields().forEach(field -> values.append(value(letter(field))));
        return values.toString();
    }

    /** Whether the class has the method {@code of}. */
    static boolean hasFactory(String values) {
        return CodeAssembler.slots(values) <= MAXIMUM_SLOTS;
    }

    /** The descriptor of {@code static of}, which makes a struct of the values of its fields and its type. */
    static String factoryDescriptor(String owner, String values) {
        return "(" + ValueCode.descriptors(values) + TYPE_D + ")L" + owner + ";";
    }

    /** The class of this name; see {@link #className}. */
    static byte[] write(String simpleName) {
        String[] parts = simpleName.substring(PREFIX.length()).split("_", -1);
        String own = parts[parts.length - 1];
        String letters = String.join("", parts);
        int cut = simpleName.lastIndexOf('_');
        String above = parts.length == 1 ? BASE : GuestNames.PACKAGE + simpleName.substring(0, cut);
        String name = GuestNames.PACKAGE + simpleName;
        ClassAssembler target = new ClassAssembler(ACC_PUBLIC | ACC_SUPER, name, above);
        int inherited = letters.length() - own.length();
        for (int i = inherited; i < letters.length(); i++) {
            target.field(ACC_PUBLIC, "f" + i, descriptor(letters.charAt(i)));
        }
        CodeAssembler constructor = new CodeAssembler(target, "LL");
        constructor.load('L', 0).load('L', 1);
        constructor.invokeSpecial(above, "<init>", "(" + TYPE_D + ")V");
        for (int i = inherited; i < letters.length(); i++) {
            if (letters.charAt(i) == 'Q') {
                constructor.load('L', 0);
                ValueCode.zero(constructor, 'Q');
                putField(constructor, name, i, 'Q');
            }
        }
        constructor.ret('V');
        constructor.stack(2);
        target.method(ACC_PUBLIC, "<init>", "(" + TYPE_D + ")V", constructor);
        factory(target, name, letters);
        return target.toBytes();
    }

    private static void factory(ClassAssembler target, String name, String letters) {
        StringBuilder values = new StringBuilder();
        letters.chars().forEach(letter -> values.append(value((char) letter)));
        if (!hasFactory(values.toString())) {
            return;
        }
        CodeAssembler code = new CodeAssembler(target, values + "L");
        int slot = CodeAssembler.slots(values.toString());
        code.newObject(name).op(CodeAssembler.DUP).load('L', slot);
        code.invokeSpecial(name, "<init>", "(" + TYPE_D + ")V");
        slot = 0;
        for (int i = 0; i < letters.length(); i++) {
            char value = values.charAt(i);
            code.op(CodeAssembler.DUP).load(value, slot);
            putField(code, name, i, letters.charAt(i));
            slot += CodeAssembler.width(value);
        }
        code.op(CodeAssembler.ARETURN);
        code.stack(6);
        target.method(ACC_PUBLIC | ACC_STATIC, "of", factoryDescriptor(name, values.toString()), code);
    }

    /** Puts a value into a field; both lie on the JVM's stack. */
    static void putField(CodeAssembler code, String owner, int field, char letter) {
        if (letter == 'b') {
            code.op(CodeAssembler.I2B);
        } else if (letter == 's') {
            code.op(CodeAssembler.I2S);
        }
        code.putField(owner, "f" + field, descriptor(letter));
    }
}
