package io.selvage.wasm.text;

/** What the fields of a module define, by name and index. */
record Spaces(
        Types types,
        IndexSpace functions,
        IndexSpace tables,
        IndexSpace memories,
        IndexSpace globals,
        IndexSpace tags,
        IndexSpace elements,
        IndexSpace data) {
    static Spaces empty() {
        return new Spaces(
                new Types(),
                new IndexSpace("function"),
                new IndexSpace("table"),
                new IndexSpace("memory"),
                new IndexSpace("global"),
                new IndexSpace("tag"),
                new IndexSpace("element segment"),
                new IndexSpace("data segment"));
    }
}
