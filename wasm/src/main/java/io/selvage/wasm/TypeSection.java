package io.selvage.wasm;

import java.util.List;
import java.util.Set;

/** Reads and validates the type section (core spec §5.5.4, §3.2). */
final class TypeSection {
    private final BinaryReader in;
    private final ModuleTypes types;
    private final Set<Feature> features;

    /** Reads the types that {@code in} is about to give, and adds them. */
    static void read(BinaryReader in, ModuleTypes types, Set<Feature> features) {
        TypeSection section = new TypeSection(in, types, features);
        int count = ModuleLimits.count(in, "types", ModuleLimits.TYPES, 0);
        for (int i = 0; i < count; i++) {
            section.add(TypeReader.group(in, types));
        }
    }

    private TypeSection(BinaryReader in, ModuleTypes types, Set<Feature> features) {
        this.in = in;
        this.types = types;
        this.features = features;
    }

    private void add(RecursiveGroup group) {
        types.add(group);
        int index = types.size() - group.types().size();
        for (DefinedType member : group.types()) {
            checkSupertype(member, index++);
            if (member.composite() instanceof FunctionType type) {
                if (type.results().size() > 1) {
                    features.add(Feature.MULTI_VALUE);
                }
                noteReferences(type.parameters());
                noteReferences(type.results());
            }
            if (!(member.composite() instanceof FunctionType)
                    || !member.isFinal()
                    || group.types().size() > 1) {
                features.add(Feature.GARBAGE_COLLECTION);
            } else if (!member.isPlainFunction()) {
                features.add(Feature.FUNCTION_REFERENCES);
            }
        }
    }

    private void checkSupertype(DefinedType type, int index) {
        if (type.supertype().isEmpty()) {
            return;
        }
        DefinedType above = type.supertype().get();
        if (above.isFinal() || !type.composite().matches(above.composite())) {
            throw new InvalidException(
                    "sub type " + index + " does not match super type: " + type.composite() + " is not below "
                            + (above.isFinal() ? "the final " : "") + above.composite(),
                    in.position());
        }
    }

    private void noteReferences(List<ValueType> values) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i).isReference()) {
                features.add(Feature.REFERENCE_TYPES);
            }
        }
    }
}
