package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import io.selvage.wasm.text.ModuleWriter.Section;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the fields of a module (core spec §6.6) and writes the module in the binary format. A first walk over the
 * fields gives their names a meaning, since a name may be used before it is defined; a second one reads the types, a
 * third one everything else.
 */
final class ModuleParser {
    private static final int FUNCTION = 0, TABLE = 1, MEMORY = 2, GLOBAL = 3, TAG = 4, EXACT_FUNCTION = 0x20;
    private static final int I32_CONST = 0x41, I64_CONST = 0x42, END = 0x0b;
    private static final long PAGE_SIZE = 0x10000;

    private final Cursor in;
    private final Spaces spaces = Spaces.empty();
    private final Types types = spaces.types();
    private final TypeParser typeParser;
    private final InstructionParser instructions;
    private final SegmentParser segments;
    private final ModuleWriter out = new ModuleWriter();
    private final List<Integer> typeFields = new ArrayList<>();
    private final List<Integer> otherFields = new ArrayList<>();

    /** The names of each function's parameters and locals, by function index. */
    private final List<IndexSpace> locals = new ArrayList<>();

    /** The tokens that are in functions. */
    private final BitSet functionTokens = new BitSet();

    /** What has been defined and not imported so far: nothing may be imported after it. */
    private String definition = "";

    private int nextFunction;
    private int nextTable;
    private int nextMemory;
    private int nextGlobal;
    private int nextTag;

    private ModuleParser(Cursor in) {
        this.in = in;
        typeParser = new TypeParser(in, types);
        instructions = new InstructionParser(in, spaces, typeParser);
        segments = new SegmentParser(in, spaces, typeParser, instructions, out);
    }

    /** Reads a whole text: {@code (module …)}, or only the fields of one. */
    static byte[] text(Cursor in) {
        byte[] module;
        if (in.acceptForm("module")) {
            module = fields(in, in.id());
            in.close();
        } else {
            module = fields(in, Optional.empty());
        }
        in.expect(TokenKind.END, "the end");
        return module;
    }

    /**
     * Reads fields up to a closing parenthesis or the end.
     *
     * @param name what the module is called
     */
    static byte[] fields(Cursor in, Optional<String> name) {
        ModuleParser parser = new ModuleParser(in);
        Optional<String> module = in.nameAnnotation("module").or(() -> name);
        int start = in.position();
        parser.declare();
        int end = in.position();
        parser.define();
        in.position(start);
        parser.checkAnnotations(end);
        in.position(end);
        return parser.module(module);
    }

    /** Complains about an annotation that has a meaning, but not where it stands. */
    private void checkAnnotations(int end) {
        for (Annotation annotation : in.misplacedAnnotations(end)) {
            switch (annotation.name()) {
                case "name", CustomSection.ANNOTATION ->
                    throw in.error(annotation, "misplaced @" + annotation.name() + " annotation");
                case BranchHints.NAME ->
                    throw in.error(annotation, BranchHints.misplaced(functionTokens.get(annotation.token())));
                default -> {}
            }
        }
    }

    private void customSections() {
        for (Annotation annotation : in.takeAnnotations(CustomSection.ANNOTATION)) {
            out.custom(CustomSection.of(in.content(annotation)));
        }
    }

    private byte[] module(Optional<String> name) {
        out.types(types);
        if (instructions.usesData() && out.count(Section.DATA) > 0) {
            out.entry(Section.DATA_COUNT).u32(out.count(Section.DATA));
        }
        if (!instructions.hints().isEmpty()) {
            out.custom(new CustomSection(BranchHints.NAME, instructions.hints().section(), Section.CODE.ordinal()));
        }
        return out.module(NameWriter.names(name, spaces, locals));
    }

    // ---- the first walk: names

    private void declare() {
        customSections();
        while (in.is(TokenKind.OPEN)) {
            int field = in.position();
            in.advance();
            String word = in.keyword("the field of a module");
            (word.equals("type") || word.equals("rec") ? typeFields : otherFields).add(field);
            declare(word);
            in.position(field);
            in.skipForm();
            customSections();
        }
        if (!in.is(TokenKind.CLOSE) && !in.is(TokenKind.END)) {
            throw in.unexpected("the field of a module");
        }
    }

    private void declare(String word) {
        switch (word) {
            case "type" -> types.declare(in);
            case "rec" -> {
                while (in.isForm("type")) {
                    int member = in.position();
                    in.open("type");
                    types.declare(in);
                    in.position(member);
                    in.skipForm();
                }
            }
            case "import" -> declareImport();
            case "func" -> declareDefinition(word, spaces.functions());
            case "table" -> declareTable();
            case "memory" -> declareMemory();
            case "global" -> declareDefinition(word, spaces.globals());
            case "tag" -> declareDefinition(word, spaces.tags());
            case "elem" -> spaces.elements().declare(in);
            case "data" -> spaces.data().declare(in);
            case "export", "start" -> {}
            default -> {
                in.position(in.position() - 1);
                throw in.unexpected("the field of a module");
            }
        }
    }

    private void declareImport() {
        checkImport();
        in.name("a module name");
        in.name("a name");
        if (!in.is(TokenKind.OPEN)) {
            throw in.unexpected("what is imported");
        }
        in.advance();
        switch (in.keyword("func, table, memory, global or tag")) {
            case "func" -> spaces.functions().declare(in);
            case "table" -> spaces.tables().declare(in);
            case "memory" -> spaces.memories().declare(in);
            case "global" -> spaces.globals().declare(in);
            case "tag" -> spaces.tags().declare(in);
            default -> {
                in.position(in.position() - 1);
                throw in.unexpected("func, table, memory, global or tag");
            }
        }
    }

    private void checkImport() {
        if (!definition.isEmpty()) {
            throw in.error("import after " + definition + " definition");
        }
    }

    /** Declares something that may be imported; answers whether it is not. */
    private boolean declareDefinition(String word, IndexSpace space) {
        space.declare(in);
        while (in.isForm("export")) {
            in.skipForm();
        }
        if (in.isForm("import")) {
            checkImport();
            return false;
        }
        definition = word.equals("func") ? "function" : word;
        return true;
    }

    private void declareMemory() {
        if (declareDefinition("memory", spaces.memories())) {
            typeParser.wideAddresses();
            if (in.isForm("pagesize")) {
                in.skipForm();
            }
            if (in.isForm("data")) {
                spaces.data().add();
            }
        }
    }

    private void declareTable() {
        if (declareDefinition("table", spaces.tables())) {
            typeParser.wideAddresses();
            if (in.isForm("ref")) {
                in.skipForm();
            } else if (in.is(TokenKind.KEYWORD)) {
                in.advance();
            }
            if (in.isForm("elem")) {
                spaces.elements().add();
            }
        }
    }

    // ---- the other walks: meaning

    private void define() {
        for (int field : typeFields) {
            in.position(field);
            typeParser.group();
        }
        for (int field : otherFields) {
            in.position(field + 1);
            define(in.keyword("a field"));
            in.close();
        }
    }

    private void define(String word) {
        switch (word) {
            case "import" -> importField();
            case "func" -> function();
            case "table" -> table();
            case "memory" -> memory();
            case "global" -> global();
            case "tag" -> tag();
            case "export" -> export();
            case "start" -> start();
            case "elem" -> segments.element();
            default -> segments.data();
        }
    }

    private void importField() {
        BinaryWriter entry =
                out.entry(Section.IMPORT).name(in.name("a module name")).name(in.name("a name"));
        in.advance();
        String kind = in.keyword("a kind");
        in.id();
        switch (kind) {
            case "func" -> functionImport(entry);
            case "table" -> tableImport(entry);
            case "memory" -> memoryImport(entry);
            case "global" -> globalImport(entry);
            default -> tagImport(entry);
        }
        in.close();
    }

    private void functionImport(BinaryWriter entry) {
        IndexSpace names = new IndexSpace("local");
        boolean exact = in.acceptForm("exact");
        int type = typeParser.use(names);
        if (exact) {
            in.close();
        }
        entry.u8(exact ? EXACT_FUNCTION : FUNCTION).u32(type);
        locals.add(names);
        nextFunction++;
    }

    private void tableImport(BinaryWriter entry) {
        typeParser.tableType(entry.u8(TABLE));
        nextTable++;
    }

    private void memoryImport(BinaryWriter entry) {
        typeParser.memoryType(entry.u8(MEMORY));
        nextMemory++;
    }

    private void globalImport(BinaryWriter entry) {
        typeParser.globalType(entry.u8(GLOBAL));
        nextGlobal++;
    }

    private void tagImport(BinaryWriter entry) {
        entry.u8(TAG).u8(0).u32(typeParser.use(new IndexSpace("parameter")));
        nextTag++;
    }

    /** Goes over the identifier and the exports of a field; {@code (import …)} begins an entry if it is there. */
    private Optional<BinaryWriter> inlineImport(int kind, int index) {
        in.id();
        while (in.acceptForm("export")) {
            out.entry(Section.EXPORT).name(in.name("a name")).u8(kind).u32(index);
            in.close();
        }
        if (!in.acceptForm("import")) {
            return Optional.empty();
        }
        BinaryWriter entry =
                out.entry(Section.IMPORT).name(in.name("a module name")).name(in.name("a name"));
        in.close();
        return Optional.of(entry);
    }

    // ---- functions

    private void function() {
        Optional<BinaryWriter> entry = inlineImport(FUNCTION, nextFunction);
        if (entry.isPresent()) {
            functionImport(entry.get());
            return;
        }
        int start = in.position();
        IndexSpace names = new IndexSpace("local");
        int type = typeParser.use(names);
        out.entry(Section.FUNCTION).u32(type);
        BinaryWriter body = new BinaryWriter();
        localTypes(names, body);
        instructions.body(names, body);
        out.entry(Section.CODE).sized(body.toByteArray());
        functionTokens.set(start, in.position() + 1);
        instructions.hints().endFunction(nextFunction);
        locals.add(names);
        nextFunction++;
    }

    private void localTypes(IndexSpace names, BinaryWriter body) {
        List<StorageType> all = new ArrayList<>();
        while (in.acceptForm("local")) {
            typeParser.declarations(names, all);
            in.close();
        }
        runs(all, body);
    }

    /** Locals in the binary format: how many of each type follow one another. */
    private static void runs(List<StorageType> all, BinaryWriter body) {
        BinaryWriter runs = new BinaryWriter();
        int count = 0;
        int start = 0;
        for (int i = 1; i <= all.size(); i++) {
            if (i == all.size() || !all.get(i).equals(all.get(start))) {
                all.get(start).write(runs.u32(i - start));
                start = i;
                count++;
            }
        }
        body.u32(count).bytes(runs.toByteArray());
    }

    // ---- tables, memories, globals, tags

    private void table() {
        Optional<BinaryWriter> entry = inlineImport(TABLE, nextTable);
        if (entry.isPresent()) {
            tableImport(entry.get());
            return;
        }
        int start = in.position();
        boolean wide = typeParser.wideAddresses();
        if (typeParser.isReferenceType()) {
            tableOfElements(wide);
        } else {
            in.position(start);
            tableOfSize();
        }
        nextTable++;
    }

    private void tableOfSize() {
        BinaryWriter type = new BinaryWriter();
        typeParser.tableType(type);
        BinaryWriter entry = out.entry(Section.TABLE);
        if (in.is(TokenKind.CLOSE)) {
            entry.bytes(type.toByteArray());
        } else {
            entry.u8(0x40).u8(0).bytes(type.toByteArray());
            instructions.expression(entry);
        }
    }

    private void tableOfElements(boolean wide) {
        StorageType type = typeParser.referenceType();
        in.open("elem");
        int count = segments.elementsOfTable(nextTable, zero(wide), type);
        in.close();
        BinaryWriter entry = out.entry(Section.TABLE);
        type.write(entry);
        exact(entry, wide ? TypeParser.WIDE : 0, count);
    }

    /** Limits that leave no choice. */
    private static void exact(BinaryWriter entry, int flags, long size) {
        entry.u8(flags | TypeParser.BOUNDED).u64(size).u64(size);
    }

    private void memory() {
        Optional<BinaryWriter> entry = inlineImport(MEMORY, nextMemory);
        if (entry.isPresent()) {
            memoryImport(entry.get());
            return;
        }
        int start = in.position();
        boolean wide = typeParser.wideAddresses();
        OptionalLong pageSize = typeParser.pageSize();
        if (in.acceptForm("data")) {
            byte[] data = in.strings();
            in.close();
            segments.active(nextMemory, zero(wide), data);
            memoryOfData(wide, pageSize, data.length);
        } else {
            in.position(start);
            typeParser.memoryType(out.entry(Section.MEMORY));
        }
        nextMemory++;
    }

    private void memoryOfData(boolean wide, OptionalLong pageSize, int length) {
        long bytes = pageSize.orElse(PAGE_SIZE);
        long pages = length == 0 ? 0 : Long.divideUnsigned(length - 1, bytes) + 1;
        exact(
                out.entry(Section.MEMORY),
                (wide ? TypeParser.WIDE : 0) | (pageSize.isPresent() ? TypeParser.CUSTOM_PAGE_SIZE : 0),
                pages);
        pageSize.ifPresent(size -> out.last(Section.MEMORY).u32(Long.numberOfTrailingZeros(size)));
    }

    /** The constant expression 0. */
    private static byte[] zero(boolean wide) {
        return new byte[] {(byte) (wide ? I64_CONST : I32_CONST), 0, END};
    }

    private void global() {
        Optional<BinaryWriter> entry = inlineImport(GLOBAL, nextGlobal);
        if (entry.isPresent()) {
            globalImport(entry.get());
            return;
        }
        BinaryWriter global = out.entry(Section.GLOBAL);
        typeParser.globalType(global);
        instructions.expression(global);
        nextGlobal++;
    }

    private void tag() {
        Optional<BinaryWriter> entry = inlineImport(TAG, nextTag);
        if (entry.isPresent()) {
            tagImport(entry.get());
            return;
        }
        out.entry(Section.TAG).u8(0).u32(typeParser.use(new IndexSpace("parameter")));
        nextTag++;
    }

    // ---- exports and the start function

    private void export() {
        String name = in.name("a name");
        if (!in.is(TokenKind.OPEN)) {
            throw in.unexpected("what is exported");
        }
        in.advance();
        BinaryWriter entry = out.entry(Section.EXPORT).name(name);
        switch (in.keyword("func, table, memory, global or tag")) {
            case "func" -> entry.u8(FUNCTION).u32(in.index(spaces.functions()));
            case "table" -> entry.u8(TABLE).u32(in.index(spaces.tables()));
            case "memory" -> entry.u8(MEMORY).u32(in.index(spaces.memories()));
            case "global" -> entry.u8(GLOBAL).u32(in.index(spaces.globals()));
            case "tag" -> entry.u8(TAG).u32(in.index(spaces.tags()));
            default -> {
                in.position(in.position() - 1);
                throw in.unexpected("func, table, memory, global or tag");
            }
        }
        in.close();
    }

    private void start() {
        if (out.count(Section.START) > 0) {
            throw in.error("multiple start sections");
        }
        out.entry(Section.START).u32(in.index(spaces.functions()));
    }
}
