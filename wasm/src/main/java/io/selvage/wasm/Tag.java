package io.selvage.wasm;

/**
 * What marks the exceptions of one kind (core spec §4.2.10). Guests and the host tell exceptions apart by it: two tags
 * are different even if they are of one type. Immutable and thread-safe.
 */
public final class Tag implements Extern {
    private final DefinedType definition;
    private final TagType type;

    /**
     * A new tag.
     *
     * @param type its parameters are what an exception carries
     * @throws IllegalArgumentException if {@code type} has results
     */
    public Tag(FunctionType type) {
        this(DefinedType.of(type));
        if (!type.results().isEmpty()) {
            throw new IllegalArgumentException("an exception has no results, as in " + type);
        }
    }

    Tag(DefinedType definition) {
        this.definition = definition;
        type = new TagType((FunctionType) definition.composite());
    }

    /** Its type as modules define it. */
    DefinedType definition() {
        return definition;
    }

    @Override
    public TagType type() {
        return type;
    }
}
