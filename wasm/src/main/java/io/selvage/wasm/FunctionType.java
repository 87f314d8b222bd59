package io.selvage.wasm;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The parameters and results of a function (core spec §2.3.6).
 *
 * @param parameters the types of the parameters, in order
 * @param results the types of the results, in order; more than one is allowed
 */
public record FunctionType(List<ValueType> parameters, List<ValueType> results) implements ExternType, CompositeType {
    /** Copies both lists. */
    public FunctionType {
        parameters = List.copyOf(parameters);
        results = List.copyOf(results);
    }

    /** A type with these parameters and no result; see {@link #returning}. */
    public static FunctionType of(ValueType... parameters) {
        return new FunctionType(List.of(parameters), List.of());
    }

    /** The same parameters with these results. */
    public FunctionType returning(ValueType... results) {
        return new FunctionType(parameters, List.of(results));
    }

    /** Whether a function of this type can stand wherever one of {@code other} is expected (core spec §3.3.9). */
    boolean isSubtypeOf(FunctionType other) {
        return areSubtypes(other.parameters, parameters) && areSubtypes(results, other.results);
    }

    private static boolean areSubtypes(List<ValueType> types, List<ValueType> others) {
        if (types.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < types.size(); i++) {
            if (!types.get(i).isSubtypeOf(others.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** In the manner of the text format, for example {@code (i32, i64) -> f32}. */
    @Override
    public String toString() {
        return tuple(parameters) + " -> "
                + (results.size() == 1 ? results.getFirst().toString() : tuple(results));
    }

    private static String tuple(List<ValueType> types) {
        return types.stream().map(ValueType::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
