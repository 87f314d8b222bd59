package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;

/** Reads constants of 128 bits (core spec §6.5.9). */
final class VectorText {
    private VectorText() {}

    /** Reads a shape and its lanes, and writes 16 bytes. */
    static void constant(Cursor in, BinaryWriter out) {
        int token = in.position();
        String shape = in.keyword("the shape of a vector");
        int lanes = lanes(shape);
        if (lanes == 0) {
            in.position(token);
            throw in.unexpected("the shape of a vector");
        }
        int first = in.position();
        while (in.isNumber()) {
            in.advance();
        }
        if (in.isUnknown()) {
            throw in.unexpected("a number");
        }
        if (in.position() - first != lanes) {
            throw in.error("wrong number of lane literals: " + shape + " has " + lanes);
        }
        in.position(first);
        for (int i = 0; i < lanes; i++) {
            lane(in, shape, 128 / lanes, out);
        }
    }

    /** How many lanes a shape has; 0 if it is none. */
    static int lanes(String shape) {
        return switch (shape) {
            case "i8x16" -> 16;
            case "i16x8" -> 8;
            case "i32x4", "f32x4" -> 4;
            case "i64x2", "f64x2" -> 2;
            default -> 0;
        };
    }

    private static void lane(Cursor in, String shape, int bits, BinaryWriter out) {
        switch (shape) {
            case "f32x4" -> out.fixed(in.f32(), 4);
            case "f64x2" -> out.fixed(in.f64(), 8);
            default -> out.fixed(in.integer(bits), bits / 8);
        }
    }
}
