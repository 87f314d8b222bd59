package io.selvage.cli;

import io.selvage.wasm.UnsupportedException;
import io.selvage.wasm.WasmException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Tells which feature of WebAssembly a script of the test suite is about, and whether the engine's lack of a feature
 * excuses it. Only the engine's own word that it does not support something is an excuse.
 */
final class SpectestFeature {
    /** The proposals that the engine does not claim, by the name of their folder in the test suite. */
    private static final List<String> PROPOSALS =
            List.of("annotations", "custom-descriptors", "custom-page-sizes", "wide-arithmetic");

    private static final Pattern UNSUPPORTED = Pattern.compile("(.*?) is not supported");

    /** The scripts of the core suite that are about one feature; what fits first counts. */
    private static final Map<String, Pattern> NAMES = new LinkedHashMap<>();

    static {
        name("relaxed SIMD", ".*relaxed.*");
        name("multi-memory", "(simd_)?memory-multi|memory_size_import|([a-z_]+|float_exprs)[0-4](?<!_[if][1-8]\\d)");
        name("SIMD", "simd_.*");
        name("memory64", "(.*[a-z_])64(?<!^[if]64)|memory64-.*|table_copy_mixed");
        name("exceptions", "tag|throw.*|try_table");
        name("tail calls", "return_call(_indirect)?");
        name(
                "function references",
                "(return_)?call_ref|br_on_(non_)?null|ref|ref_as_non_null|local_init|type-(canon|equivalence|rec)");
        name(
                "garbage collection",
                "array.*|struct|i31|extern|br_on_cast.*|ref_(cast|eq|test)|type-subtyping|binary-gc");
        name("annotations", "annotations|id");
    }

    private static void name(String feature, String names) {
        NAMES.put(feature, Pattern.compile(names));
    }

    private SpectestFeature() {}

    /** The feature for whose lack this module of this script was rightly rejected, if that is why. */
    static Optional<String> missing(Path script, String source, WasmException rejection) {
        return proposal(script, source).or(() -> named(rejection));
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

    private static Optional<String> named(WasmException rejection) {
        Matcher matcher = UNSUPPORTED.matcher(String.valueOf(rejection.getMessage()));
        return rejection instanceof UnsupportedException && matcher.lookingAt()
                ? Optional.of(matcher.group(1))
                : Optional.empty();
    }

    /**
     * Whether a rejection for this reason was expected by scripts that are older than the core's: a proposal
     * brings the scripts of its day, and the core's scripts of today expect the opposite.
     */
    static boolean isLifted(String expected) {
        return expected.equals("multiple memories") || expected.equals("multiple tables");
    }

    /** The feature that a script is about, by its folder or its name. */
    static String of(Path script) {
        String folder = folder(script);
        if (!folder.isEmpty()) {
            return folder;
        }
        String name = script.getFileName().toString().replaceAll("\\.(wast|json)$", "");
        return NAMES.entrySet().stream()
                .filter(entry -> entry.getValue().matcher(name).matches())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("core");
    }

    private static String folder(Path script) {
        Path folder = script.toAbsolutePath().getParent();
        String name = folder == null ? "" : String.valueOf(folder.getFileName());
        Path above = folder == null ? null : folder.getParent();
        if (name.equals("legacy")) {
            return "exceptions, older form";
        }
        if (name.equals("custom")) {
            return "annotations";
        }
        return above != null && above.endsWith("proposals") ? name : "";
    }
}
