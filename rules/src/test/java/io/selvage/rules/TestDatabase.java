package io.selvage.rules;

import io.selvage.node.Network;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes tiny databases of MaxMind's format 2.0 for IPv4. */
final class TestDatabase {
    private final List<int[]> nodes = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    private TestDatabase() {}

    /** A database of networks, each with its record. */
    static void write(Path file, Map<String, Map<String, Object>> records) throws IOException {
        TestDatabase database = new TestDatabase();
        database.nodes.add(new int[] {0, 0});
        for (Map.Entry<String, Map<String, Object>> record : records.entrySet()) {
            int at = database.data.size();
            database.value(record.getValue(), database.data);
            database.add(Network.parse(record.getKey()), at);
        }
        Files.write(file, database.bytes());
    }

    /** Below zero are offsets of data, 0 is nothing, the rest are nodes. */
    private void add(Network network, int data) {
        int node = 0;
        for (int bit = 0; bit < network.prefix(); bit++) {
            int side = (network.address().get(bit / 8) >> (7 - bit % 8)) & 1;
            if (bit == network.prefix() - 1) {
                nodes.get(node)[side] = -1 - data;
            } else if (nodes.get(node)[side] <= 0) {
                nodes.add(new int[] {0, 0});
                nodes.get(node)[side] = nodes.size() - 1;
                node = nodes.size() - 1;
            } else {
                node = nodes.get(node)[side];
            }
        }
    }

    private byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int[] node : nodes) {
            for (int side : node) {
                int value = side > 0 ? side : side == 0 ? nodes.size() : nodes.size() + 16 + (-1 - side);
                out.write(value >> 16);
                out.write(value >> 8);
                out.write(value);
            }
        }
        out.writeBytes(new byte[16]);
        out.writeBytes(data.toByteArray());
        out.writeBytes(new byte[] {(byte) 0xab, (byte) 0xcd, (byte) 0xef});
        out.writeBytes("MaxMind.com".getBytes(StandardCharsets.US_ASCII));
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("node_count", (long) nodes.size());
        metadata.put("record_size", 24);
        metadata.put("ip_version", 4);
        metadata.put("database_type", "Test");
        metadata.put("languages", List.of());
        metadata.put("binary_format_major_version", 2);
        metadata.put("binary_format_minor_version", 0);
        metadata.put("build_epoch", BigInteger.ONE);
        metadata.put("description", Map.of());
        value(metadata, out);
        return out.toByteArray();
    }

    private void value(Object value, ByteArrayOutputStream out) {
        switch (value) {
            case String text -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                out.write(2 << 5 | bytes.length);
                out.writeBytes(bytes);
            }
            case Integer number -> {
                out.write(5 << 5 | 2);
                out.write(number >> 8);
                out.write(number);
            }
            case Long number -> {
                out.write(6 << 5 | 4);
                for (int shift = 24; shift >= 0; shift -= 8) {
                    out.write((int) (number >> shift));
                }
            }
            case BigInteger number -> {
                out.write(1);
                out.write(9 - 7);
                out.write(number.intValue());
            }
            case Map<?, ?> map -> {
                out.write(7 << 5 | map.size());
                map.forEach((key, inner) -> {
                    value(key, out);
                    value(inner, out);
                });
            }
            default -> {
                out.write(0);
                out.write(11 - 7);
            }
        }
    }
}
