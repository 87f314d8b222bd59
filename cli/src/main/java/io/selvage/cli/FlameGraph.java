package io.selvage.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sampled stacks, written as a page that shows them as a flame graph, or as lines for other tools. */
final class FlameGraph {
    /** A function on a stack, with what it calls. */
    private static final class Node {
        private final Map<String, Node> children = new TreeMap<>();
        private int samples;

        /** As the page wants it: name, samples, children. */
        List<Object> json(String name) {
            List<Object> below = new ArrayList<>();
            children.forEach((child, node) -> below.add(node.json(child)));
            return List.of(name, samples, below);
        }

        void folded(String path, StringBuilder out) {
            int own = samples;
            for (Map.Entry<String, Node> child : children.entrySet()) {
                own -= child.getValue().samples;
                String name = child.getKey().replace(';', ':');
                child.getValue().folded(path.isEmpty() ? name : path + ";" + name, out);
            }
            if (own > 0 && !path.isEmpty()) {
                out.append(path).append(' ').append(own).append('\n');
            }
        }
    }

    /** Each function on a stack is two levels of JSON deep. */
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(10_000).build())
            .build());

    private final Node root = new Node();

    /** Adds a sample: the names of the functions, the outermost first. */
    void add(List<String> stack) {
        Node node = root;
        node.samples++;
        for (String name : stack) {
            node = node.children.computeIfAbsent(name, _ -> new Node());
            node.samples++;
        }
    }

    /** How many samples there are. */
    int samples() {
        return root.samples;
    }

    /**
     * Writes the graph: lines of {@code outer;inner count} if the file's name ends in {@code .folded}, else a page that
     * needs nothing else.
     *
     * @param title what was profiled
     * @param periodMillis the time between two samples
     */
    void write(Path file, String title, long periodMillis) throws IOException {
        if (file.toString().endsWith(".folded")) {
            StringBuilder lines = new StringBuilder();
            root.folded("", lines);
            Files.writeString(file, lines);
            return;
        }
        try (InputStream page = FlameGraph.class.getResourceAsStream("flame.html")) {
            if (page == null) {
                throw new IOException("the page is not in this build");
            }
            String html = new String(page.readAllBytes(), StandardCharsets.UTF_8);
            Files.writeString(
                    file, html.replace("@TITLE@", escape(title)).replace("@DATA@", data(title, periodMillis)));
        }
    }

    private String data(String title, long periodMillis) throws JsonProcessingException {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("period", periodMillis);
        data.put("tree", root.json(title));
        // No name can end the script element that the data stands in.
        return MAPPER.writeValueAsString(data).replace("<", "\\u003c");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
