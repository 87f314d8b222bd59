package io.selvage.wasm;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The parameters and results of a function (core spec §2.3.6).
 *
 * @param parameters the types of the parameters, in order
 * @param results the types of the results, in order; more than one is allowed
 */
public record FunctionType(List<ValueType> parameters, List<ValueType> results) implements ExternType {
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
