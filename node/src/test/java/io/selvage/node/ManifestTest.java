package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.CompileLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
    private static final Manifest.Known KNOWN = new Manifest.Known(List.of("cgi"), List.of("kv", "variables"));

    @TempDir
    private Path folder;

    @BeforeEach
    void makeModule() throws IOException {
        Files.write(folder.resolve("cart.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    }

    private Manifest read(String toml) throws IOException {
        return Manifest.read(Files.writeString(folder.resolve("selvage.toml"), toml), KNOWN);
    }

    private String mistakes(String toml) {
        return String.valueOf(assertThrows(ConfigurationException.class, () -> read(toml))
                        .getMessage())
                .replace(folder + "/", "");
    }

    @Test
    void aWholeManifestIsRead() throws IOException {
        Manifest manifest = read("""
                name = "shop"

                [variables]
                greeting = "hello"
                secret = "x"

                [[function]]
                name = "cart"
                source = "cart.wasm"
                world = "cgi"
                routes = ["GET /cart/:id", "POST /cart/..."]
                environment = { STAGE = "test", HELLO = "{{ greeting }}!" }
                limits = { memory = "64MiB", cpu = "50ms", wall = "5s", body = "1MiB", concurrency = 3, queue = 0, code = "8MiB", compile = "2s" }
                grants = { kv = ["default"], variables = ["greeting"] }
                """);
        Manifest.Entry entry = manifest.functions().getFirst();
        FunctionDefinition function = entry.definition();
        assertEquals("shop", manifest.name());
        assertEquals(folder.resolve("cart.wasm"), entry.source());
        assertEquals(
                new FunctionLimits(
                        64 << 20,
                        Duration.ofMillis(50),
                        Duration.ofSeconds(5),
                        1 << 20,
                        3,
                        0,
                        new CompileLimits(8 << 20, Duration.ofSeconds(2))),
                function.limits());
        assertEquals(Map.of("STAGE", "test", "HELLO", "hello!"), function.environment());
        assertEquals(Map.of("greeting", "hello"), function.variables());
        assertEquals(List.of("default"), function.grants("kv"));
        assertEquals(11, entry.routes().getFirst().place().line());
        assertEquals("GET /cart/:id", entry.routes().getFirst().route().toString());
    }

    @Test
    void aModuleAloneIsAnApp() {
        Manifest manifest = Manifest.read(folder.resolve("cart.wasm"), KNOWN);
        assertEquals("cart", manifest.name());
        assertEquals(
                "/...",
                manifest.functions().getFirst().routes().getFirst().route().toString());
        assertEquals(
                FunctionLimits.DEFAULT,
                manifest.functions().getFirst().definition().limits());
    }

    @Test
    void everyMistakeIsSaidAtOnceWithItsPlaceAndWhatWouldBeValid() {
        String said = mistakes("""
                nmae = "shop"
                [variables]
                greeting = 3

                [[function]]
                name = "Cart!"
                source = "missing.wasm"
                world = "gci"
                routes = ["get /cart", "/ok"]
                limits = { memroy = "64MiB", cpu = "fast", wall = 5, body = "-1MiB", concurrency = 0 }
                grants = { kvv = ["default"], kv = "default", variables = ["greetin"] }
                environment = { A = "{{ nothing }}" }
                routs = []
                """);
        for (String expected : List.of(
                "selvage.toml:1:1: nmae: unknown key; did you mean \"name\"?",
                "name is missing",
                "variables.greeting must be a text",
                "selvage.toml:6:1: function.name: \"Cart!\" is not a name",
                "there is no file missing.wasm",
                "there is no world \"gci\"; did you mean \"cgi\"?",
                "selvage.toml:9:11: function.routes: \"get /cart\" is not a route",
                "function.limits.memroy: unknown key; did you mean \"memory\"?",
                "function.limits.cpu: \"fast\" is not a duration such as \"50ms\"",
                "function.limits.wall must be a duration in quotes",
                "function.limits.body: \"-1MiB\" is not a size",
                "function.limits.concurrency must be a whole number from 1",
                "function.grants.kvv: unknown key; did you mean \"kv\"?",
                "function.grants.kv must be a list of names",
                "there is no variable \"greetin\"",
                "function.environment.A: there is no variable \"nothing\"",
                "function.routs: unknown key; did you mean \"routes\"?")) {
            assertTrue(said.contains(expected), expected + "\n--- not in:\n" + said);
        }
    }

    @Test
    void brokenTomlNamesItsPlace() {
        assertTrue(mistakes("name = \"shop\n").startsWith("selvage.toml:1:"), mistakes("name = \"shop\n"));
    }

    @Test
    void aSourceFromAfarIsRefusedWithWhatToDo() {
        String said = mistakes("""
                name = "a"
                [[function]]
                name = "f"
                source = "https://example.com/a.wasm"
                """);
        assertTrue(said.contains("selvage.toml:4:1: function.source"), said);
        assertTrue(said.contains("download the module"), said);
    }

    @Test
    void twoFunctionsOfOneNameAreRefused() {
        String said = mistakes("""
                name = "a"
                [[function]]
                name = "f"
                source = "cart.wasm"
                routes = ["/a"]
                [[function]]
                name = "f"
                source = "cart.wasm"
                routes = ["/b"]
                """);
        assertTrue(said.contains("selvage.toml:7:1") && said.contains("selvage.toml:2:"), said);
    }

    @Test
    void nothingThereIsExplained() {
        assertTrue(String.valueOf(assertThrows(
                                ConfigurationException.class, () -> Manifest.read(folder.resolve("no.wasm"), KNOWN))
                        .getMessage())
                .contains("there is no such file"));
        assertTrue(String.valueOf(assertThrows(ConfigurationException.class, () -> Manifest.read(folder, KNOWN))
                        .getMessage())
                .contains("no selvage.toml in this folder"));
        assertTrue(mistakes("name = \"a\"\n").contains("there is no function"));
    }
}
