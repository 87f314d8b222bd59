package io.selvage.kv;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.SQLiteOpenMode;
import org.sqlite.jdbc4.JDBC4Connection;

/** One connection to the file with the statements it has prepared. Belongs to one thread at a time. */
final class Session implements AutoCloseable {
    /** Something that is asked of, or done to, the file. */
    @FunctionalInterface
    interface Work<T> {
        T run(Session session) throws SQLException;
    }

    /** How long to wait for another process that writes, in milliseconds. */
    static final int BUSY_TIMEOUT = 10_000;

    /** "SLVG": tells this file from other SQLite files. */
    private static final int APPLICATION_ID = 0x534c5647;

    private static final int SCHEMA_VERSION = 1;

    private static final Logger DRIVER_LOG = Logger.getLogger("org.sqlite");

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    private Session(Connection connection) {
        this.connection = connection;
    }

    /** Opens the file, makes it if there is none, and brings its schema about. */
    static Session open(Path file) throws SQLException {
        Session session = connect(file);
        try {
            session.prepareFile(file);
            return session;
        } catch (SQLException e) {
            session.close();
            throw e;
        }
    }

    /** Opens the file, whatever is in it. */
    static Session connect(Path file) throws SQLException {
        loadLibrary();
        SQLiteConfig config = new SQLiteConfig();
        config.setOpenMode(SQLiteOpenMode.OPEN_URI);
        config.setBusyTimeout(BUSY_TIMEOUT);
        Properties properties = config.toProperties();
        // As a URI, because a '?' in a plain path would begin the driver's own settings.
        String uri = file.toAbsolutePath().toUri().toString();
        return new Session(new JDBC4Connection("jdbc:sqlite:" + uri, uri, properties));
    }

    /** The driver unpacks SQLite itself, a native library, when it is first needed. */
    private static void loadLibrary() throws SQLException {
        // What goes wrong is said once, by the exception; the driver would print stack traces.
        DRIVER_LOG.setLevel(Level.OFF);
        boolean loaded;
        try {
            loaded = SQLiteJDBCLoader.initialize();
        } catch (Exception _) {
            loaded = false;
        }
        if (!loaded) {
            String folder = System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir"));
            throw new SQLException("SQLite's native library cannot be unpacked to, or loaded from, " + folder
                    + ": let the user that runs Selvage write there, and let libraries be loaded from there (no"
                    + " \"noexec\"), or name another folder with the Java option -Dorg.sqlite.tmpdir=FOLDER");
        }
    }

    private void prepareFile(Path file) throws SQLException {
        if (!"wal".equals(text("PRAGMA journal_mode"))) {
            execute("PRAGMA journal_mode = WAL");
        }
        // FULL: a commit returns when the log is on the disk, not only with the kernel.
        execute("PRAGMA synchronous = FULL");
        execute("PRAGMA journal_size_limit = 67108864");
        long version = number("PRAGMA user_version");
        if (version == 0) {
            makeSchema();
        } else if (number("PRAGMA application_id") != APPLICATION_ID) {
            throw new SQLException(file + " is an SQLite file of another program; choose another state directory");
        } else if (version > SCHEMA_VERSION) {
            throw new SQLException(file + " was written by a newer Selvage (schema " + version + ", this one knows "
                    + SCHEMA_VERSION + "); run that one, or choose another state directory");
        }
    }

    private void makeSchema() throws SQLException {
        begin();
        try {
            if (number("PRAGMA user_version") == 0) {
                execute("""
                        CREATE TABLE entry (
                            id INTEGER PRIMARY KEY,
                            store TEXT NOT NULL,
                            key BLOB NOT NULL,
                            version INTEGER NOT NULL,
                            expires INTEGER,
                            value BLOB NOT NULL)""");
                execute("CREATE UNIQUE INDEX entry_key ON entry (store, key)");
                execute("CREATE INDEX entry_expires ON entry (expires) WHERE expires IS NOT NULL");
                execute("CREATE TABLE sequence (last INTEGER NOT NULL)");
                execute("INSERT INTO sequence VALUES (0)");
                execute("PRAGMA application_id = " + APPLICATION_ID);
                execute("PRAGMA user_version = " + SCHEMA_VERSION);
            }
            commit();
        } catch (SQLException e) {
            rollback();
            throw e;
        }
    }

    /** The statement for this text; it is prepared once and must be read or run before it is asked for again. */
    PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The number in the first column of the first row. */
    long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private String text(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    /** Begins a transaction that writes; waits {@link #BUSY_TIMEOUT} for one of another process to end. */
    void begin() throws SQLException {
        prepare("BEGIN IMMEDIATE").execute();
    }

    /** Ends the transaction; what it wrote is on the disk when this returns. */
    void commit() throws SQLException {
        prepare("COMMIT").execute();
    }

    /** Undoes the transaction, if SQLite has not done so itself. */
    void rollback() {
        try {
            prepare("ROLLBACK").execute();
        } catch (SQLException _) {
            // After some errors SQLite has rolled back already, and says that there is nothing to roll back.
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException _) {
            // Nothing depends on an orderly end: every acknowledged write is on the disk.
        }
    }
}
