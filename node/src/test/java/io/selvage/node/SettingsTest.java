package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir
    private Path folder;

    @Test
    void theLastLayerThatSpeaksCountsAndIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("node.toml"), """
                [gateway]
                listen = "127.0.0.1:1"
                streams = 7
                drain = "2s"
                [log]
                access = false
                """);
        Settings settings = Settings.builder()
                .file(file)
                .environment(
                        Map.of("SELVAGE_GATEWAY__LISTEN", "127.0.0.1:2", "SELVAGE_GATEWAY__DRAIN", "3s", "HOME", "/"))
                .flag("--listen", Setting.LISTEN, "127.0.0.1:3")
                .build();
        assertEquals(3, settings.get(Setting.LISTEN).port());
        assertEquals(3, settings.get(Setting.DRAIN).toSeconds());
        assertEquals(7, settings.get(Setting.STREAMS));
        assertEquals(false, settings.get(Setting.LOG_ACCESS));
        Map<String, String> origins = new java.util.HashMap<>();
        settings.entries().forEach(e -> origins.put(e.setting().key(), e.origin()));
        assertEquals("--listen", origins.get("gateway.listen"));
        assertEquals("SELVAGE_GATEWAY__DRAIN", origins.get("gateway.drain"));
        assertEquals(file + ":3:1", origins.get("gateway.streams"));
        assertEquals("default", origins.get("log.level"));
    }

    @Test
    void mistakesNameTheirPlaceAndTheNearestKey() throws IOException {
        Path file = Files.writeString(folder.resolve("node.toml"), "[gateway]\nlisen = \"a:1\"\nstreams = \"x\"\n");
        ConfigurationException e = assertThrows(
                ConfigurationException.class,
                () -> Settings.builder()
                        .file(file)
                        .environment(Map.of("SELVAGE_GATEWAY_LISTEN", "a:1", "SELVAGE_LOG__LEVEL", "loud"))
                        .build());
        String said = String.valueOf(e.getMessage());
        assertTrue(
                said.contains(file + ":2:1: there is no setting \"gateway.lisen\"; did you mean \"gateway.listen\"?"),
                said);
        assertTrue(said.contains("gateway.streams: \"x\" is not a whole number"), said);
        assertTrue(said.contains("did you mean SELVAGE_GATEWAY__LISTEN?"), said);
        assertTrue(
                said.contains("SELVAGE_LOG__LEVEL: log.level: \"loud\" is not one of debug, info, warn, error"), said);
    }

    @Test
    void everyDefaultAndExampleIsValid() {
        for (Setting<?> setting : Setting.all()) {
            setting.parser().apply(setting.defaultText());
            setting.parser().apply(setting.example());
            assertTrue(setting.documentation().endsWith("."), setting.key());
        }
    }

    @Test
    void quantitiesAreReadAndWritten() {
        assertEquals(64L << 20, Quantity.size("64MiB"));
        assertEquals(1_500_000_000L, Quantity.size("1.5GB"));
        assertEquals(50_000_000L, Quantity.duration("50ms").toNanos());
        assertEquals("1.5 MiB", Quantity.sizeText(3 << 19));
        assertEquals("50 ms", Quantity.durationText(Quantity.duration("50ms")));
        for (String wrong : new String[] {"", "64", "MiB", "64mib", "1..5KiB", "0.3B", "99999999999GiB"}) {
            assertThrows(IllegalArgumentException.class, () -> Quantity.size(wrong), wrong);
        }
    }
}
