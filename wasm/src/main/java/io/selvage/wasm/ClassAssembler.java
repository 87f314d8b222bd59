package io.selvage.wasm;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a class file (JVM specification, chapter 4). It knows as much of the format as compiled WebAssembly needs and
 * allocates next to nothing an instruction, because the first call of every guest function waits for it.
 */
final class ClassAssembler {
    static final int ACC_PUBLIC = 0x0001;
    static final int ACC_STATIC = 0x0008;
    static final int ACC_FINAL = 0x0010;
    static final int ACC_SUPER = 0x0020;
    static final int ACC_ABSTRACT = 0x0400;

    /** Java 25. */
    private static final int MAJOR_VERSION = 69;

    /** The most entries of a constant pool (JVMS §4.1: {@code constant_pool_count} is a u2). */
    private static final int MAXIMUM_CONSTANTS = 65_535;

    private static final int UTF8 = 1;
    private static final int INTEGER = 3;
    private static final int FLOAT = 4;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int FIELD = 9;
    private static final int METHOD = 10;
    private static final int NAME_AND_TYPE = 12;

    private record Constant(int tag, Object first, Object second) {}

    private final String name;
    private final String superName;
    private final int access;
    private final Buffer pool = new Buffer(4096);
    private final Map<Constant, Integer> constants = new HashMap<>();
    private int poolCount = 1;
    private final List<byte[]> fields = new ArrayList<>();
    private final List<byte[]> methods = new ArrayList<>();

    /** Begins a class; names are internal names such as {@code java/lang/Object}. */
    ClassAssembler(int access, String name, String superName) {
        this.access = access;
        this.name = name;
        this.superName = superName;
    }

    /** The internal name of the class. */
    String name() {
        return name;
    }

    /** How many entries of the constant pool are left. */
    int constantsLeft() {
        return MAXIMUM_CONSTANTS - poolCount;
    }

    int utf8(String text) {
        return constant(UTF8, text, "");
    }

    int classConstant(String internalName) {
        return constant(CLASS, internalName, "");
    }

    int intConstant(int value) {
        return constant(INTEGER, value, "");
    }

    int longConstant(long value) {
        return constant(LONG, value, "");
    }

    /** A float by its bits, so that NaNs keep theirs. */
    int floatConstant(int bits) {
        return constant(FLOAT, bits, "");
    }

    /** A double by its bits, so that NaNs keep theirs. */
    int doubleConstant(long bits) {
        return constant(DOUBLE, bits, "");
    }

    int stringConstant(String text) {
        return constant(STRING, text, "");
    }

    int fieldConstant(String owner, String field, String descriptor) {
        return member(FIELD, owner, field, descriptor);
    }

    int methodConstant(String owner, String method, String descriptor) {
        return member(METHOD, owner, method, descriptor);
    }

    private int member(int tag, String owner, String memberName, String descriptor) {
        return constant(tag, owner, memberName + ' ' + descriptor);
    }

    private int constant(int tag, Object first, Object second) {
        Constant key = new Constant(tag, first, second);
        Integer known = constants.get(key);
        if (known != null) {
            return known;
        }
        int index = writeConstant(tag, first, second);
        constants.put(key, index);
        return index;
    }

    private int writeConstant(int tag, Object first, Object second) {
        switch (tag) {
            case UTF8 -> {
                byte[] bytes = ((String) first).getBytes(StandardCharsets.UTF_8);
                pool.u1(tag).u2(bytes.length).bytes(bytes);
            }
            case INTEGER, FLOAT -> pool.u1(tag).u4((Integer) first);
            case LONG, DOUBLE -> {
                pool.u1(tag).u4((int) ((Long) first >>> 32)).u4((int) (long) (Long) first);
                poolCount++;
                return poolCount++ - 1;
            }
            case CLASS, STRING -> {
                int text = utf8((String) first);
                pool.u1(tag).u2(text);
            }
            case NAME_AND_TYPE -> {
                int memberName = utf8((String) first);
                int descriptor = utf8((String) second);
                pool.u1(tag).u2(memberName).u2(descriptor);
            }
            default -> {
                int owner = classConstant((String) first);
                String[] parts = ((String) second).split(" ", 2);
                int nameAndType = constant(NAME_AND_TYPE, parts[0], parts[1]);
                pool.u1(tag).u2(owner).u2(nameAndType);
            }
        }
        return poolCount++;
    }

    /** Adds a field. */
    void field(int fieldAccess, String fieldName, String descriptor) {
        fields.add(new Buffer(8)
                .u2(fieldAccess)
                .u2(utf8(fieldName))
                .u2(utf8(descriptor))
                .u2(0)
                .toBytes());
    }

    /** Adds a method without a body. */
    void abstractMethod(int methodAccess, String methodName, String descriptor) {
        methods.add(new Buffer(8)
                .u2(methodAccess | ACC_ABSTRACT)
                .u2(utf8(methodName))
                .u2(utf8(descriptor))
                .u2(0)
                .toBytes());
    }

    /** Adds a method whose code is finished. */
    void method(int methodAccess, String methodName, String descriptor, CodeAssembler code) {
        Buffer method = new Buffer(code.length() + 64);
        method.u2(methodAccess).u2(utf8(methodName)).u2(utf8(descriptor)).u2(1);
        byte[] frames = code.frames();
        byte[] lines = code.lines();
        Buffer regions = code.regions();
        method.u2(utf8("Code"));
        method.u4(10 + code.length() + regions.length() + attributeLength(frames) + attributeLength(lines));
        method.u2(code.maxStack()).u2(code.maxLocals()).u4(code.length());
        code.writeTo(method);
        regions.writeTo(method);
        method.u2((frames.length == 0 ? 0 : 1) + (lines.length == 0 ? 0 : 1));
        attribute(method, "StackMapTable", frames);
        attribute(method, "LineNumberTable", lines);
        methods.add(method.toBytes());
    }

    private static int attributeLength(byte[] contents) {
        return contents.length == 0 ? 0 : 6 + contents.length;
    }

    private void attribute(Buffer method, String attributeName, byte[] contents) {
        if (contents.length > 0) {
            method.u2(utf8(attributeName)).u4(contents.length).bytes(contents);
        }
    }

    /** Whether the class can be written: a constant pool has an end. */
    boolean fits() {
        return poolCount <= MAXIMUM_CONSTANTS;
    }

    /** The finished class file. */
    byte[] toBytes() {
        int thisClass = classConstant(name);
        int superClass = classConstant(superName);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(0xCAFEBABE);
            out.writeShort(0);
            out.writeShort(MAJOR_VERSION);
            out.writeShort(poolCount);
            pool.writeTo(out);
            out.writeShort(access);
            out.writeShort(thisClass);
            out.writeShort(superClass);
            out.writeShort(0);
            out.writeShort(fields.size());
            for (byte[] field : fields) {
                out.write(field);
            }
            out.writeShort(methods.size());
            for (byte[] method : methods) {
                out.write(method);
            }
            out.writeShort(0);
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array refused to grow", e);
        }
        return bytes.toByteArray();
    }

    /** Bytes in the order of the class file format, big-endian. */
    static final class Buffer {
        private byte[] bytes;
        private int length;

        Buffer(int capacity) {
            bytes = new byte[capacity];
        }

        private void reserve(int more) {
            if (length + more > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
            }
        }

        Buffer u1(int value) {
            reserve(1);
            bytes[length++] = (byte) value;
            return this;
        }

        Buffer u2(int value) {
            reserve(2);
            bytes[length++] = (byte) (value >>> 8);
            bytes[length++] = (byte) value;
            return this;
        }

        Buffer u4(int value) {
            return u2(value >>> 16).u2(value);
        }

        Buffer bytes(byte[] source) {
            return bytes(source, source.length);
        }

        Buffer bytes(byte[] source, int count) {
            reserve(count);
            System.arraycopy(source, 0, bytes, length, count);
            length += count;
            return this;
        }

        int length() {
            return length;
        }

        void set2(int at, int value) {
            bytes[at] = (byte) (value >>> 8);
            bytes[at + 1] = (byte) value;
        }

        void set4(int at, int value) {
            set2(at, value >>> 16);
            set2(at + 2, value);
        }

        void truncate(int newLength) {
            length = newLength;
        }

        byte[] toBytes() {
            return Arrays.copyOf(bytes, length);
        }

        void writeTo(DataOutputStream out) throws IOException {
            out.write(bytes, 0, length);
        }

        void writeTo(Buffer target) {
            target.bytes(bytes, length);
        }
    }
}
