package io.selvage.wasm;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that a module gives its parts for people (core spec §7.4.1). They have no meaning for its run, so a name
 * section that is malformed counts as none.
 *
 * @param module the module's name
 * @param functions the names of functions by function index
 */
record NameSection(@Nullable String module, Map<Integer, String> functions) {
    /** What the custom section is called. */
    static final String SECTION = "name";

    static final NameSection NONE = new NameSection(null, Map.of());

    private static final int MODULE = 0;
    private static final int FUNCTIONS = 1;

    /** Reads the contents of the custom section, {@code binary} from {@code start} to {@code end}. */
    static NameSection read(byte[] binary, int start, int end) {
        try {
            return subsections(binary, start, end);
        } catch (MalformedException _) {
            return NONE;
        }
    }

    private static NameSection subsections(byte[] binary, int start, int end) {
        BinaryReader in = new BinaryReader(binary, end);
        in.position(start);
        String module = null;
        Map<Integer, String> functions = Map.of();
        while (!in.atEnd()) {
            int id = in.u8();
            int length = in.length();
            int next = in.position() + length;
            if (id == MODULE) {
                module = in.name();
            } else if (id == FUNCTIONS) {
                functions = functions(in);
            }
            in.position(next);
        }
        return new NameSection(module, functions);
    }

    private static Map<Integer, String> functions(BinaryReader in) {
        int count = in.length();
        Map<Integer, String> names = HashMap.newHashMap(Math.min(count, in.remaining() / 2));
        for (int i = 0; i < count; i++) {
            int index = in.u32();
            names.put(index, in.name());
        }
        return Collections.unmodifiableMap(names);
    }
}
