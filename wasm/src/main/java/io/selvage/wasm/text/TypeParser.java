package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads types (core spec §6.4) and the uses of types (§6.4.10). */
final class TypeParser {
    private static final StorageType I8 = new StorageType(0x78, 0);
    private static final StorageType I16 = new StorageType(0x77, 0);

    /** The flags of limits (core spec §5.3.12). */
    static final int BOUNDED = 1, SHARED = 2, WIDE = 4, CUSTOM_PAGE_SIZE = 8;

    private final Cursor in;
    private final Types types;

    TypeParser(Cursor in, Types types) {
        this.in = in;
        this.types = types;
    }

    // ---- values

    boolean isValueType() {
        return in.isForm("ref") || in.is(TokenKind.KEYWORD) && HeapTypes.value(in.text()) != null;
    }

    boolean isReferenceType() {
        return in.isForm("ref") || in.is(TokenKind.KEYWORD) && isReferenceWord(in.text());
    }

    private static boolean isReferenceWord(String word) {
        StorageType type = HeapTypes.value(word);
        return type != null && type.isReference();
    }

    StorageType valueType() {
        if (in.acceptForm("ref")) {
            boolean nullable = in.accept("null");
            long heap = heapType();
            in.close();
            return new StorageType(nullable ? StorageType.NULLABLE : StorageType.NON_NULL, heap);
        }
        StorageType type = in.is(TokenKind.KEYWORD) ? HeapTypes.value(in.text()) : null;
        if (type == null) {
            throw in.unexpected("a value type");
        }
        in.advance();
        return type;
    }

    StorageType referenceType() {
        if (!isReferenceType()) {
            throw in.unexpected("a reference type");
        }
        return valueType();
    }

    /** As in {@link StorageType#heap}. */
    long heapType() {
        Long heap = in.is(TokenKind.KEYWORD) ? HeapTypes.heap(in.text()) : null;
        if (heap != null) {
            in.advance();
            return heap;
        }
        if (in.acceptForm("exact")) {
            long index = Integer.toUnsignedLong(in.index(types.space()));
            in.close();
            return HeapTypes.EXACT + index;
        }
        if (!in.isIndex()) {
            throw in.unexpected("a heap type");
        }
        return Integer.toUnsignedLong(in.index(types.space()));
    }

    private List<StorageType> valueTypes() {
        List<StorageType> all = new ArrayList<>();
        while (!in.is(TokenKind.CLOSE)) {
            all.add(valueType());
        }
        return all;
    }

    // ---- fields and definitions

    private StorageType storageType() {
        if (in.accept("i8")) {
            return I8;
        }
        return in.accept("i16") ? I16 : valueType();
    }

    private void fieldType(BinaryWriter out) {
        boolean mutable = in.acceptForm("mut");
        storageType().write(out);
        if (mutable) {
            in.close();
        }
        out.u8(mutable ? 1 : 0);
    }

    /** Reads a group of types, {@code (rec …)} or one {@code (type …)}; they are declared already. */
    void group() {
        BinaryWriter out = new BinaryWriter();
        if (in.acceptForm("rec")) {
            List<byte[]> members = new ArrayList<>();
            while (!in.is(TokenKind.CLOSE)) {
                members.add(definition(false));
            }
            in.close();
            out.u8(0x4e).u32(members.size());
            members.forEach(out::bytes);
        } else {
            out.bytes(definition(true));
        }
        types.group(out.toByteArray());
    }

    private int defined;

    private byte[] definition(boolean alone) {
        BinaryWriter out = new BinaryWriter();
        in.open("type");
        in.id();
        boolean sub = in.acceptForm("sub");
        boolean isFinal = !sub || in.accept("final");
        List<Integer> supertypes = new ArrayList<>();
        while (sub && in.isIndex()) {
            supertypes.add(in.index(types.space()));
        }
        boolean plain = isFinal && supertypes.isEmpty();
        if (!plain) {
            out.u8(isFinal ? 0x4f : 0x50).u32(supertypes.size());
            supertypes.forEach(out::u32);
        }
        boolean described = descriptors(out);
        Optional<FunctionSignature> signature = compositeType(out, types.fields(defined++));
        if (sub) {
            in.close();
        }
        in.close();
        types.define(signature, plain && alone && !described);
        return out.toByteArray();
    }

    /** The clauses of the custom descriptors proposal; answers whether there is one. */
    private boolean descriptors(BinaryWriter out) {
        boolean describes = in.acceptForm("describes");
        if (describes) {
            out.u8(0x4c).u32(in.index(types.space()));
            in.close();
        }
        boolean descriptor = in.acceptForm("descriptor");
        if (descriptor) {
            out.u8(0x4d).u32(in.index(types.space()));
            in.close();
        }
        return describes || descriptor;
    }

    private Optional<FunctionSignature> compositeType(BinaryWriter out, IndexSpace fields) {
        switch (in.formWord()) {
            case "func" -> {
                in.open("func");
                FunctionSignature signature = signature(new IndexSpace("parameter"), true);
                in.close();
                signature.write(out);
                return Optional.of(signature);
            }
            case "struct" -> {
                in.open("struct");
                struct(out, fields);
                in.close();
            }
            case "array" -> {
                in.open("array");
                out.u8(0x5e);
                fieldType(out);
                in.close();
            }
            default -> {
                if (in.is(TokenKind.OPEN)) {
                    in.advance();
                }
                throw in.unexpected("func, struct or array");
            }
        }
        return Optional.empty();
    }

    private void struct(BinaryWriter out, IndexSpace fields) {
        BinaryWriter members = new BinaryWriter();
        while (in.acceptForm("field")) {
            if (IndexSpace.isNamed(in)) {
                fields.declare(in);
                fieldType(members);
            } else {
                while (!in.is(TokenKind.CLOSE)) {
                    fields.add();
                    fieldType(members);
                }
            }
            in.close();
        }
        out.u8(0x5f).u32(fields.size()).bytes(members.toByteArray());
    }

    // ---- uses

    /**
     * Parameters and results.
     *
     * @param parameters gets the name of each parameter
     * @param named whether parameters may have names
     */
    private FunctionSignature signature(IndexSpace parameters, boolean named) {
        List<StorageType> types = new ArrayList<>();
        while (in.acceptForm("param")) {
            if (named) {
                declarations(parameters, types);
            } else {
                types.addAll(valueTypes());
            }
            in.close();
        }
        List<StorageType> results = results();
        if (in.isForm("param")) {
            in.advance();
            throw in.unexpected("no parameter after the results");
        }
        return new FunctionSignature(types, results);
    }

    /** What stands in {@code (param …)} or {@code (local …)}: one type with a name, or any number without. */
    void declarations(IndexSpace names, List<StorageType> to) {
        if (IndexSpace.isNamed(in)) {
            names.declare(in);
            to.add(valueType());
            return;
        }
        while (!in.is(TokenKind.CLOSE)) {
            names.add();
            to.add(valueType());
        }
    }

    List<StorageType> results() {
        List<StorageType> results = new ArrayList<>();
        while (in.acceptForm("result")) {
            results.addAll(valueTypes());
            in.close();
        }
        return results;
    }

    /** The index of the type of a function: {@code (type …)}, or its parameters and results, or both. */
    int use() {
        return use(new IndexSpace("parameter"), false);
    }

    /**
     * Likewise, where parameters may have names.
     *
     * @param parameters gets the names
     */
    int use(IndexSpace parameters) {
        return use(parameters, true);
    }

    private int use(IndexSpace parameters, boolean named) {
        if (!in.isForm("type")) {
            return types.indexOf(signature(parameters, named));
        }
        int token = in.position();
        int index = explicit();
        FunctionSignature written = signature(parameters, named);
        if (written.isEmpty()) {
            types.signature(index).ifPresent(it -> it.parameters().forEach(type -> parameters.add()));
        } else {
            check(token, index, written);
        }
        return index;
    }

    private int explicit() {
        in.open("type");
        int index = in.index(types.space());
        in.close();
        return index;
    }

    private void check(int token, int index, FunctionSignature written) {
        if (!types.exists(index)) {
            throw in.error(token + 2, "unknown type " + Integer.toUnsignedString(index));
        }
        FunctionSignature meant = types.signature(index)
                .orElseThrow(() -> in.error(token + 2, "non-function type " + Integer.toUnsignedString(index)));
        if (!meant.equals(written)) {
            throw in.error(token, "inline function type does not match explicit type");
        }
    }

    /** The type of a block (core spec §6.5.1), in the binary format. */
    void blockType(BinaryWriter out) {
        if (in.isForm("type")) {
            out.s64(Integer.toUnsignedLong(use()));
            return;
        }
        FunctionSignature signature = signature(new IndexSpace("parameter"), false);
        if (signature.isEmpty()) {
            out.u8(0x40);
        } else if (signature.parameters().isEmpty() && signature.results().size() == 1) {
            signature.results().getFirst().write(out);
        } else {
            out.s64(types.indexOf(signature));
        }
    }

    // ---- tables, memories, globals

    /** Goes over the address type, and answers whether addresses have 64 bits. */
    boolean wideAddresses() {
        if (in.accept("i64")) {
            return true;
        }
        in.accept("i32");
        return false;
    }

    /** Limits with their flags: bit 0 that there is a maximum, the others given. */
    private void limits(BinaryWriter out, int flags, String what) {
        long minimum = in.natural(what, 64);
        boolean bounded = in.is(TokenKind.NATURAL);
        BinaryWriter numbers = new BinaryWriter().u64(minimum);
        if (bounded) {
            numbers.u64(in.natural(what, 64));
        }
        int shared = in.accept("shared") ? SHARED : 0;
        out.u8(flags | shared | (bounded ? BOUNDED : 0)).bytes(numbers.toByteArray());
    }

    void memoryType(BinaryWriter out) {
        int flags = wideAddresses() ? WIDE : 0;
        BinaryWriter limits = new BinaryWriter();
        limits(limits, flags, "a size in pages");
        OptionalLong pageSize = pageSize();
        byte[] encoded = limits.toByteArray();
        if (pageSize.isPresent()) {
            encoded[0] |= CUSTOM_PAGE_SIZE;
        }
        out.bytes(encoded);
        pageSize.ifPresent(size -> out.u32(Long.numberOfTrailingZeros(size)));
    }

    /** The size of a memory's pages in bytes, if it is written. */
    OptionalLong pageSize() {
        if (!in.acceptForm("pagesize")) {
            return OptionalLong.empty();
        }
        int token = in.position();
        long size = in.natural("a page size in bytes", 64);
        if (Long.bitCount(size) != 1) {
            throw in.error(token, "invalid custom page size: it must be a power of two");
        }
        in.close();
        return OptionalLong.of(size);
    }

    /** The type of a table; answers what its elements are. */
    StorageType tableType(BinaryWriter out) {
        int flags = wideAddresses() ? WIDE : 0;
        BinaryWriter limits = new BinaryWriter();
        limits(limits, flags, "a size in elements");
        StorageType element = referenceType();
        element.write(out);
        out.bytes(limits.toByteArray());
        return element;
    }

    void globalType(BinaryWriter out) {
        boolean mutable = in.acceptForm("mut");
        valueType().write(out);
        if (mutable) {
            in.close();
        }
        out.u8(mutable ? 1 : 0);
    }
}
