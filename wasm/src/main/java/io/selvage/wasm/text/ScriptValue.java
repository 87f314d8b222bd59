package io.selvage.wasm.text;

import java.util.List;

/**
 * A value of a script, or a pattern that results must fit.
 *
 * @param type {@code i32}, {@code i64}, {@code f32}, {@code f64}, {@code v128}, or a reference type; {@code refnull}
 *     fits any null reference, {@code ref} any other one, {@code either} one of {@code alternatives}
 * @param shape the type of the lanes of a {@code v128}, for example {@code i32x4}; else empty
 * @param lanes of a number its bits as an unsigned decimal number, or {@code nan:canonical} or {@code nan:arithmetic};
 *     of a vector the same for each lane; of a reference {@code null} or the number of the host's object; empty if any
 *     reference of the type but null fits
 * @param alternatives what may be instead, for {@code either}
 */
public record ScriptValue(String type, String shape, List<String> lanes, List<ScriptValue> alternatives) {
    /** A number or a reference. */
    public static ScriptValue scalar(String type, String text) {
        return new ScriptValue(type, "", List.of(text), List.of());
    }

    /** Any reference of a type but null. */
    public static ScriptValue reference(String type) {
        return new ScriptValue(type, "", List.of(), List.of());
    }

    /** A vector. */
    public static ScriptValue vector(String shape, List<String> lanes) {
        return new ScriptValue("v128", shape, lanes, List.of());
    }

    /** One of several. */
    public static ScriptValue either(List<ScriptValue> alternatives) {
        return new ScriptValue("either", "", List.of(), alternatives);
    }
}
