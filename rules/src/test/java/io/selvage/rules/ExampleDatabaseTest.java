package io.selvage.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database of the example {@code geography} is what its page says; {@code -Ddocs=write} writes it anew. */
class ExampleDatabaseTest {
    private static final Path FILE = Path.of("../examples/geography/country.mmdb");

    @TempDir
    private Path folder;

    @Test
    void itHasTheNetworksOfExamples() throws Exception {
        Map<String, Map<String, Object>> networks = new LinkedHashMap<>();
        networks.put("192.0.2.0/24", country("DE"));
        networks.put("198.51.100.0/24", country("FR"));
        networks.put("203.0.113.0/24", country("KP"));
        Path made = folder.resolve("country.mmdb");
        TestDatabase.write(made, networks);
        if ("write".equals(System.getProperty("docs"))) {
            Files.copy(made, FILE, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        assertArrayEquals(Files.readAllBytes(made), Files.readAllBytes(FILE));
    }

    private static Map<String, Object> country(String code) {
        return Map.of("country", Map.of("iso_code", code));
    }
}
