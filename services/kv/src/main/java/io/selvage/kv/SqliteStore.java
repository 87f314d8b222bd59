package io.selvage.kv;

import io.selvage.node.KeyValueStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One named store in the file.
 *
 * <p>What expires is compared with the clock in every statement, so that an entry is gone the moment it expires,
 * whenever it is swept.
 */
final class SqliteStore implements KeyValueStore {
    private static final String ALIVE = "(expires IS NULL OR expires > ?)";
    private static final byte[] NOTHING = {};

    private final Database database;
    private final String name;

    SqliteStore(Database database, String name) {
        this.database = database;
        this.name = name;
    }

    /** The names of the stores that hold a key. */
    static List<String> names(Database database) throws IOException {
        return database.read(session -> {
            List<String> names = new ArrayList<>();
            PreparedStatement next =
                    session.prepare("SELECT store FROM entry WHERE store > ? AND " + ALIVE + " ORDER BY store LIMIT 1");
            for (String last = ""; last != null; ) {
                next.setString(1, last);
                next.setLong(2, database.now());
                try (ResultSet rows = next.executeQuery()) {
                    last = rows.next() ? rows.getString(1) : null;
                }
                if (last != null) {
                    names.add(last);
                }
            }
            return names;
        });
    }

    @Override
    public Optional<Entry> get(String key) throws IOException {
        byte[] bytes = checked(key);
        return database.read(session -> {
            long now = database.now();
            PreparedStatement select = session.prepare(
                    "SELECT version, expires, value FROM entry WHERE store = ? AND key = ? AND " + ALIVE);
            bind(select, bytes, now);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                long version = rows.getLong(1);
                long expires = rows.getLong(2);
                Optional<Duration> expiresIn =
                        rows.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(expires - now));
                byte[] value = rows.getBytes(3);
                return Optional.of(new Entry(value == null ? NOTHING : value, version, expiresIn));
            }
        });
    }

    @Override
    public boolean exists(String key) throws IOException {
        return size(key).isPresent();
    }

    @Override
    public Optional<Long> size(String key) throws IOException {
        byte[] bytes = checked(key);
        return database.read(session -> {
            PreparedStatement select =
                    session.prepare("SELECT length(value) FROM entry WHERE store = ? AND key = ? AND " + ALIVE);
            bind(select, bytes, database.now());
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
            }
        });
    }

    @Override
    public void set(String key, byte[] value, Optional<Duration> expiresIn) throws IOException {
        byte[] bytes = checked(key);
        checkSize(value.length);
        if (expiresIn.isPresent() && expiresIn.get().isNegative()) {
            throw new IllegalArgumentException("a value cannot expire in the past: " + expiresIn.get());
        }
        write(value.length, transaction -> {
            put(transaction, bytes, value, expiresIn.map(in -> expiry(transaction.now(), in)));
            return true;
        });
    }

    @Override
    public boolean create(String key, byte[] value) throws IOException {
        byte[] bytes = checked(key);
        checkSize(value.length);
        return write(value.length, transaction -> {
            if (find(transaction, bytes).isPresent()) {
                return false;
            }
            put(transaction, bytes, value, Optional.empty());
            return true;
        });
    }

    @Override
    public void append(String key, byte[] value) throws IOException {
        byte[] bytes = checked(key);
        checkSize(value.length);
        write(value.length, transaction -> {
            Optional<Found> found = find(transaction, bytes);
            if (found.isEmpty()) {
                put(transaction, bytes, value, Optional.empty());
                return true;
            }
            checkSize(found.get().size + value.length);
            PreparedStatement update = transaction.prepare(
                    "UPDATE entry SET version = ?, value = CAST(value || ? AS BLOB) WHERE store = ? AND key = ?");
            update.setLong(1, transaction.nextVersion());
            update.setBytes(2, value);
            update.setString(3, name);
            update.setBytes(4, bytes);
            update.executeUpdate();
            return true;
        });
    }

    @Override
    public boolean delete(String key) throws IOException {
        byte[] bytes = checked(key);
        return write(0, transaction -> remove(transaction, bytes));
    }

    @Override
    public long increment(String key, long delta) throws IOException {
        byte[] bytes = checked(key);
        return write(0, transaction -> {
            Optional<Found> found = find(transaction, bytes);
            long sum = delta;
            if (found.isPresent()) {
                sum = add(key, number(transaction, key, bytes), delta);
            }
            byte[] value = Long.toString(sum).getBytes(StandardCharsets.US_ASCII);
            put(transaction, bytes, value, found.flatMap(Found::expires));
            return sum;
        });
    }

    @Override
    public boolean compareAndSet(String key, @Nullable Long expectedVersion, byte @Nullable [] value)
            throws IOException {
        byte[] bytes = checked(key);
        int size = value == null ? 0 : value.length;
        checkSize(size);
        return write(size, transaction -> {
            Optional<Long> version = find(transaction, bytes).map(Found::version);
            if (!version.equals(Optional.ofNullable(expectedVersion))) {
                return false;
            }
            if (value == null) {
                remove(transaction, bytes);
            } else {
                put(transaction, bytes, value, Optional.empty());
            }
            return true;
        });
    }

    @Override
    public Page list(String prefix, Optional<String> cursor, int limit) throws IOException {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("a part of a list has 1 to 1,000 keys, not " + limit);
        }
        byte[] from = utf8(prefix);
        byte[] end = end(from);
        if (cursor.isPresent()) {
            byte[] next = utf8(cursor.get());
            from = Arrays.compareUnsigned(next, from) > 0 ? next : from;
        }
        byte[] first = from;
        return database.read(session -> list(session, first, end, limit));
    }

    private Page list(Session session, byte[] first, byte[] end, int limit) throws SQLException {
        PreparedStatement select = session.prepare("SELECT key FROM entry WHERE store = ? AND key >= ? AND key < ? AND "
                + ALIVE + " ORDER BY key LIMIT ?");
        select.setString(1, name);
        select.setBytes(2, first);
        select.setBytes(3, end);
        select.setLong(4, database.now());
        select.setInt(5, limit + 1);
        List<String> keys = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                keys.add(new String(rows.getBytes(1), StandardCharsets.UTF_8));
            }
        }
        if (keys.size() <= limit) {
            return new Page(List.copyOf(keys), Optional.empty());
        }
        return new Page(List.copyOf(keys.subList(0, limit)), Optional.of(keys.get(limit)));
    }

    /** What a write must know of an entry that is there. */
    private record Found(long version, Optional<Long> expires, long size) {}

    private Optional<Found> find(Transaction transaction, byte[] key) throws SQLException {
        PreparedStatement select = transaction.prepare(
                "SELECT version, expires, length(value) FROM entry WHERE store = ? AND key = ? AND " + ALIVE);
        bind(select, key, transaction.now());
        try (ResultSet rows = select.executeQuery()) {
            if (!rows.next()) {
                return Optional.empty();
            }
            long end = rows.getLong(2);
            Optional<Long> expires = rows.wasNull() ? Optional.empty() : Optional.of(end);
            return Optional.of(new Found(rows.getLong(1), expires, rows.getLong(3)));
        }
    }

    private long number(Transaction transaction, String key, byte[] bytes) throws SQLException {
        PreparedStatement select =
                transaction.prepare("SELECT CAST(substr(value, 1, 32) AS TEXT) FROM entry WHERE store = ? AND key = ?");
        select.setString(1, name);
        select.setBytes(2, bytes);
        try (ResultSet rows = select.executeQuery()) {
            String text = rows.next() ? rows.getString(1) : "";
            return Long.parseLong(text);
        } catch (NumberFormatException _) {
            throw new IllegalStateException("the value of \"" + key + "\" in store \"" + name
                    + "\" is not a decimal number of 64 bits: set it to one, or delete it, before it is incremented");
        }
    }

    private long add(String key, long number, long delta) {
        long sum = number + delta;
        if (((number ^ sum) & (delta ^ sum)) < 0) {
            throw new IllegalStateException("the value of \"" + key + "\" in store \"" + name + "\" is " + number
                    + "; with " + delta + " it would not be a number of 64 bits");
        }
        return sum;
    }

    private void put(Transaction transaction, byte[] key, byte[] value, Optional<Long> expires) throws SQLException {
        PreparedStatement upsert = transaction.prepare("""
                INSERT INTO entry (store, key, version, expires, value) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (store, key) DO UPDATE
                SET version = excluded.version, expires = excluded.expires, value = excluded.value""");
        upsert.setString(1, name);
        upsert.setBytes(2, key);
        upsert.setLong(3, transaction.nextVersion());
        upsert.setObject(4, expires.orElse(null));
        upsert.setBytes(5, value);
        upsert.executeUpdate();
    }

    private boolean remove(Transaction transaction, byte[] key) throws SQLException {
        PreparedStatement delete = transaction.prepare("DELETE FROM entry WHERE store = ? AND key = ? AND " + ALIVE);
        bind(delete, key, transaction.now());
        return delete.executeUpdate() > 0;
    }

    private void bind(PreparedStatement statement, byte[] key, long now) throws SQLException {
        statement.setString(1, name);
        statement.setBytes(2, key);
        statement.setLong(3, now);
    }

    private <T> T write(long bytes, Transaction.Work<T> work) throws IOException {
        return database.write(work, bytes);
    }

    private static long expiry(long now, Duration in) {
        return in.compareTo(Duration.ofMillis(Long.MAX_VALUE - now)) >= 0 ? Long.MAX_VALUE : now + in.toMillis();
    }

    /** The first bytes behind all that begin with {@code prefix}: no key in UTF-8 has a byte 0xFF. */
    private static byte[] end(byte[] prefix) {
        byte[] end = Arrays.copyOf(prefix, prefix.length + 1);
        end[prefix.length] = (byte) 0xff;
        return end;
    }

    private static byte[] checked(String key) {
        byte[] bytes = utf8(key);
        if (bytes.length == 0) {
            throw new IllegalArgumentException("a key cannot be empty");
        }
        if (bytes.length > MAX_KEY) {
            throw new IllegalArgumentException(
                    "the key has " + bytes.length + " bytes of UTF-8; the most is " + MAX_KEY);
        }
        return bytes;
    }

    /** The text in UTF-8, which must lose nothing: else two keys would be one. */
    private static byte[] utf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                int codePoint = text.codePointAt(i);
                if (!Character.isSupplementaryCodePoint(codePoint)) {
                    throw new IllegalArgumentException("the key is not Unicode text: it has half of a surrogate pair");
                }
                i++;
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void checkSize(long size) {
        if (size > MAX_VALUE) {
            throw new IllegalArgumentException(
                    "the value would have " + size + " bytes; the most is " + MAX_VALUE + " (25 MiB)");
        }
    }
}
