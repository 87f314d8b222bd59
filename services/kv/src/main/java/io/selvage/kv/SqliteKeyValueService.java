package io.selvage.kv;

import io.selvage.node.ConfigurationException;
import io.selvage.node.FunctionDefinition;
import io.selvage.node.KeyValueStore;
import io.selvage.node.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The service {@code kv}: keeps every named store of a node in one SQLite file, {@value #FILE_NAME} in the state
 * directory. Thread-safe.
 *
 * <p>Opening costs nothing: the file is opened, and if need be made, by the first call of a store that reads or writes.
 * A state that cannot be opened fails that call with an {@link IOException} that says why, and the next call tries
 * again. Several processes may have the same state open, for example a node and the command line; each sees what the
 * others have written as soon as that is acknowledged.
 *
 * <pre>{@code
 * try (SqliteKeyValueService service = SqliteKeyValueService.open(Path.of("state"))) {
 *     KeyValueStore store = service.store("default");
 *     store.set("greeting", "hello".getBytes(UTF_8));
 *     KeyValueStore.Page first = store.list("gre", Optional.empty(), 100);
 * }
 * }</pre>
 *
 * <p>A store exists as soon as a key is set in it. Its name is 1 to 64 of the characters {@code A-Z a-z 0-9 . _ -} and
 * begins with a letter or a digit, so that it is a folder's name and a word on a command line; case matters. Stores
 * belong to the node: two functions, or two apps, that have a grant for the same name share it.
 */
public final class SqliteKeyValueService implements Service<KeyValueStore> {
    /** The file in the state directory; SQLite keeps {@code -wal} and {@code -shm} beside it. */
    public static final String FILE_NAME = "kv.sqlite";

    private static final Pattern STORE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private final Database database;

    private SqliteKeyValueService(Database database) {
        this.database = database;
    }

    /**
     * The stores in this directory, which is made when it is first needed.
     *
     * @param stateDirectory the node's state directory
     */
    public static SqliteKeyValueService open(Path stateDirectory) {
        return open(stateDirectory, InstantSource.system());
    }

    /** With another clock for expiry. */
    static SqliteKeyValueService open(Path stateDirectory, InstantSource clock) {
        return new SqliteKeyValueService(new Database(stateDirectory.resolve(FILE_NAME), clock));
    }

    @Override
    public String name() {
        return "kv";
    }

    @Override
    public Class<KeyValueStore> resourceType() {
        return KeyValueStore.class;
    }

    @Override
    public KeyValueStore open(FunctionDefinition function, String resource) {
        if (!STORE_NAME.matcher(resource).matches()) {
            throw new ConfigurationException("function \"" + function.name() + "\": " + invalidName(resource));
        }
        return new SqliteStore(database, resource);
    }

    /**
     * The store of this name, without asking for a grant: for the node's owner.
     *
     * @throws ConfigurationException if there can be no store of this name
     */
    public KeyValueStore store(String name) {
        if (!STORE_NAME.matcher(name).matches()) {
            throw new ConfigurationException(invalidName(name));
        }
        return new SqliteStore(database, name);
    }

    /**
     * The names of the stores that hold a key, sorted.
     *
     * @throws IOException if the state cannot be read
     */
    public List<String> stores() throws IOException {
        return SqliteStore.names(database);
    }

    /** Waits for the writes that have begun, then closes the file. Every later call of a store fails. */
    @Override
    public void close() {
        database.close();
    }

    private static String invalidName(String name) {
        return "\"" + name + "\" cannot be the name of a key-value store: use 1 to 64 of A-Z a-z 0-9 . _ -, beginning"
                + " with a letter or a digit, for example \"default\"";
    }
}
