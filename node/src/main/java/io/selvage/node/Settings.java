package io.selvage.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;

/**
 * What a node is set to, in layers: defaults, then a file, then the environment, then flags; the last one that speaks
 * counts. Immutable and thread-safe.
 */
public final class Settings {
    private static final String PREFIX = "SELVAGE_";
    private static final String DEFAULT = "default";

    /**
     * One setting and where its value comes from.
     *
     * @param setting which
     * @param value the text of its value
     * @param origin {@code default}, {@code FILE:LINE:COLUMN}, the environment variable's or the flag's name
     */
    public record Entry(Setting<?> setting, String value, String origin) {}

    private record Value(String text, Object value, String origin) {}

    private final Map<String, Value> values;

    private Settings(Map<String, Value> values) {
        this.values = values;
    }

    /** Nothing but the defaults. */
    public static Settings defaults() {
        return builder().build();
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** The value of a setting. */
    @SuppressWarnings("unchecked")
    public <T> T get(Setting<T> setting) {
        return (T) value(setting.key()).value;
    }

    /** Whether a setting's value is other than by default. */
    public boolean isSet(Setting<?> setting) {
        return !value(setting.key()).origin.equals(DEFAULT);
    }

    /** Every setting with its value and where that comes from, in the order for documentation. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (Setting<?> setting : Setting.all()) {
            Value value = value(setting.key());
            entries.add(new Entry(setting, value.text, value.origin));
        }
        return entries;
    }

    private Value value(String key) {
        Value value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("no setting " + key);
        }
        return value;
    }

    /** Adds layers, each over those before; every mistake is said at {@link #build}, all at once. */
    public static final class Builder {
        private final Map<String, Setting<?>> known = new LinkedHashMap<>();
        private final Map<String, Value> values = new LinkedHashMap<>();
        private final List<String> mistakes = new ArrayList<>();

        private Builder() {
            for (Setting<?> setting : Setting.all()) {
                known.put(setting.key(), setting);
                put(setting.key(), setting.defaultText(), DEFAULT);
            }
        }

        /** A TOML file; its tables and keys are the settings' names. */
        public Builder file(Path file) {
            TomlParseResult toml;
            try {
                toml = Toml.parse(Files.readString(file));
            } catch (IOException _) {
                mistakes.add(file + ": the settings file cannot be read; check that it exists and who may read it");
                return this;
            }
            toml.errors().forEach(error -> mistakes.add(place(file, error.position()) + ": " + error.getMessage()));
            if (toml.errors().isEmpty()) {
                for (Map.Entry<String, Object> entry : toml.dottedEntrySet(false)) {
                    TomlPosition position = toml.inputPositionOf(entry.getKey());
                    put(entry.getKey(), String.valueOf(entry.getValue()), place(file, position));
                }
            }
            return this;
        }

        /** The environment: {@code SELVAGE_GATEWAY__LISTEN} sets {@code gateway.listen}. */
        public Builder environment(Map<String, String> environment) {
            environment.forEach((name, value) -> {
                if (name.startsWith(PREFIX)) {
                    String key = name.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
                    if (key.contains("__")) {
                        put(key.replace("__", "."), value, name);
                    } else {
                        known.values().stream()
                                .filter(s -> s.variable().replace("__", "_").equals(name))
                                .forEach(
                                        s -> mistakes.add(name + ": sets nothing; did you mean " + s.variable() + "?"));
                    }
                }
            });
            return this;
        }

        /** A flag of the command line, for example {@code gateway.listen} by {@code --listen}. */
        public Builder flag(String flag, Setting<?> setting, String value) {
            put(setting.key(), value, flag);
            return this;
        }

        /** A flag that the command line may not have had. */
        public Builder flag(String flag, Setting<?> setting, Optional<String> value) {
            value.ifPresent(text -> flag(flag, setting, text));
            return this;
        }

        /**
         * The finished settings.
         *
         * @throws ConfigurationException if a key is unknown or a value does not fit, with every mistake, one a line
         */
        public Settings build() {
            if (!mistakes.isEmpty()) {
                throw new ConfigurationException(String.join("\n", mistakes));
            }
            return new Settings(Map.copyOf(values));
        }

        private void put(String key, String text, String origin) {
            Setting<?> setting = known.get(key);
            if (setting == null) {
                mistakes.add(origin + ": there is no setting \"" + key + "\"; " + Nearest.advice(key, known.keySet()));
                return;
            }
            try {
                values.put(key, new Value(text, setting.parser().apply(text), origin));
            } catch (IllegalArgumentException e) {
                mistakes.add(origin + ": " + key + ": " + e.getMessage());
            }
        }

        private static String place(Path file, @org.jspecify.annotations.Nullable TomlPosition position) {
            return position == null ? file.toString() : new Place(file, position.line(), position.column()).toString();
        }
    }
}
