package io.selvage.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * The changes of origins that were made while the node ran: kept in a file of its state, so that they outlive a restart.
 * Thread-safe.
 */
public final class OriginChanges {
    /** The file in the folder of a node's state. */
    static final String FILE_NAME = "origins.toml";

    private final Path file;
    private volatile @Nullable Map<String, OriginChange> changes;

    /**
     * The changes of a node.
     *
     * @param state the folder of its state; made with the first change
     */
    public OriginChanges(Path state) {
        file = state.resolve(FILE_NAME);
    }

    /**
     * What is changed, by the names of the origins.
     *
     * @throws ConfigurationException if the file cannot be read
     */
    public Map<String, OriginChange> all() {
        Map<String, OriginChange> known = changes;
        if (known == null) {
            known = read();
            changes = known;
        }
        return known;
    }

    /** What is changed of one origin. */
    public OriginChange of(String name) {
        return Optional.ofNullable(all().get(name)).orElse(OriginChange.NONE);
    }

    /**
     * Changes an origin. The change is on the disk when this returns.
     *
     * @param change {@link OriginChange#NONE} to undo what was changed
     * @throws UncheckedIOException if it cannot be written; then nothing is changed
     */
    public synchronized void set(String name, OriginChange change) {
        Map<String, OriginChange> next = new TreeMap<>(all());
        if (change.equals(OriginChange.NONE)) {
            next.remove(name);
        } else {
            next.put(name, change);
        }
        try {
            write(next);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        changes = Map.copyOf(next);
    }

    /**
     * The origins that a manifest's become with these changes; those that were added are among them.
     *
     * @param manifest its file: files that a changed definition names are relative to its folder
     * @throws ConfigurationException if a changed definition is wrong
     */
    public Map<String, OriginDefinition> applied(Path manifest, Map<String, OriginDefinition> origins) {
        Map<String, OriginDefinition> applied = new LinkedHashMap<>(origins);
        all().forEach((name, change) -> {
            change.definition()
                    .ifPresent(toml -> applied.put(name, parse(manifest, file + " [" + name + "]", name, toml)));
            change.addresses()
                    .ifPresent(addresses -> applied.computeIfPresent(name, (_, d) -> d.withAddresses(addresses)));
        });
        return applied;
    }

    /**
     * One address as people write it.
     *
     * @param weight a number from 1 to 100
     * @throws ConfigurationException if one of both is wrong, in words
     */
    public static OriginAddress address(String url, String weight) {
        return OriginReader.address(url, weight);
    }

    /**
     * An origin from the inside of its table.
     *
     * @param manifest files that it names are relative to this one's folder
     * @param source what mistakes say that it stands in, for example a file
     * @throws ConfigurationException with everything that is wrong
     */
    public static OriginDefinition parse(Path manifest, String source, String name, String toml) {
        return new ManifestReader(new Manifest.Known(List.of(), List.of()))
                .readOrigin(Path.of(source), manifest.resolveSibling(""), name, toml);
    }

    private Map<String, OriginChange> read() {
        if (!Files.exists(file)) {
            return Map.of();
        }
        try {
            TomlParseResult toml = Toml.parse(file);
            if (!toml.errors().isEmpty()) {
                throw unreadable(toml.errors().getFirst().toString());
            }
            Map<String, OriginChange> read = new TreeMap<>();
            for (String name : toml.keySet()) {
                if (toml.get(List.of(name)) instanceof TomlTable table) {
                    read.put(name, change(table));
                }
            }
            return Map.copyOf(read);
        } catch (IOException e) {
            throw unreadable(String.valueOf(e.getMessage()));
        }
    }

    private ConfigurationException unreadable(String why) {
        return new ConfigurationException(file + ": what was changed of origins cannot be read: " + why
                + "; repair the file, or remove it to go back to the manifest");
    }

    private OriginChange change(TomlTable table) {
        Optional<List<OriginAddress>> addresses = Optional.empty();
        if (table.get(List.of("urls")) instanceof TomlArray urls) {
            List<OriginAddress> list = new ArrayList<>();
            for (Object entry : urls.toList()) {
                if (entry instanceof TomlTable address) {
                    Long weight = address.getLong("weight");
                    list.add(new OriginAddress(url(address.getString("url")), weight == null ? 1 : weight.intValue()));
                }
            }
            addresses = Optional.of(List.copyOf(list));
        }
        Set<URI> drained = new LinkedHashSet<>();
        if (table.get(List.of("drained")) instanceof TomlArray urls) {
            urls.toList().forEach(url -> drained.add(url(String.valueOf(url))));
        }
        return new OriginChange(Optional.ofNullable(table.getString("definition")), addresses, Set.copyOf(drained));
    }

    private URI url(@Nullable String text) {
        return OriginReader.url(String.valueOf(text)).orElseThrow(() -> unreadable("\"" + text + "\" is no address"));
    }

    /** Writes a new file beside the old one, and puts it in its place when it is on the disk. */
    private void write(Map<String, OriginChange> next) throws IOException {
        StringBuilder text = new StringBuilder("# Written by the node: what \"selvage origin\" has changed.\n");
        next.forEach((name, change) -> append(text, name, change));
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
        Files.createDirectories(folder);
        Path fresh = folder.resolve(FILE_NAME + ".new");
        Files.writeString(fresh, text);
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void append(StringBuilder text, String name, OriginChange change) {
        text.append("\n[").append(quoted(name)).append("]\n");
        change.definition()
                .ifPresent(toml ->
                        text.append("definition = ").append(quoted(toml)).append('\n'));
        change.addresses().ifPresent(addresses -> {
            List<String> entries = addresses.stream()
                    .map(a -> "{ url = " + quoted(a.url().toString()) + ", weight = " + a.weight() + " }")
                    .toList();
            text.append("urls = [").append(String.join(", ", entries)).append("]\n");
        });
        if (!change.drained().isEmpty()) {
            List<String> urls =
                    change.drained().stream().map(url -> quoted(url.toString())).toList();
            text.append("drained = [").append(String.join(", ", urls)).append("]\n");
        }
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder();
        Json.string(quoted, text);
        return quoted.toString();
    }
}
