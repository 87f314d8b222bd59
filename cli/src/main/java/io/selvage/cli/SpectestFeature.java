package io.selvage.cli;

import io.selvage.wasm.UnsupportedException;
import io.selvage.wasm.WasmException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Decides whether a module of the test suite may be skipped because it needs a feature that the engine does not claim.
 *
 * <p>The engine's word is not enough: in the files of the core specification the byte that it complains about must be
 * one that no claimed feature has, so that a defect of the decoder cannot pass for a missing feature.
 */
final class SpectestFeature {
    /** The proposals that the engine does not claim, by the name of their folder in the test suite. */
    private static final List<String> PROPOSALS = List.of(
            "annotations",
            "custom-page-sizes",
            "function-references",
            "gc",
            "relaxed-simd",
            "threads",
            "wide-arithmetic");

    private SpectestFeature() {}

    /** The feature for whose lack this module of this script was rightly rejected, if that is why. */
    static Optional<String> missing(Path script, String source, byte[] binary, WasmException rejection) {
        return proposal(script, source).or(() -> witness(binary, rejection));
    }

    /**
     * The proposal that this script belongs to, if the engine does not claim it.
     *
     * @param script where it lies now
     * @param source where its text lay when it was converted
     */
    static Optional<String> proposal(Path script, String source) {
        return Stream.of(script.toAbsolutePath(), Path.of(source))
                .flatMap(path -> StreamSupport.stream(path.spliterator(), false))
                .map(Path::toString)
                .filter(PROPOSALS::contains)
                .findFirst();
    }

    private static Optional<String> witness(byte[] binary, WasmException rejection) {
        if (!(rejection instanceof UnsupportedException unsupported)
                || unsupported.offset() < 0
                || unsupported.offset() >= binary.length) {
            return Optional.empty();
        }
        return switch (binary[(int) unsupported.offset()] & 0xff) {
            case 0x7b, 0xfd -> Optional.of("SIMD");
            case 0xfe -> Optional.of("threads");
            case 0xfb -> Optional.of("gc");
            case 0x14, 0x15, 0xd3, 0xd4, 0xd5, 0xd6 -> Optional.of("function-references");
            default -> Optional.empty();
        };
    }
}
