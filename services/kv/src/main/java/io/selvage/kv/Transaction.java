package io.selvage.kv;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/** What a write works with: the connection inside a transaction, and the versions that it gives out. */
final class Transaction {
    /** A write. It may run twice, the second time after all that it did the first time was undone. */
    @FunctionalInterface
    interface Work<T> {
        T run(Transaction transaction) throws SQLException;
    }

    private final Session session;
    private final long now;
    private final long first;
    private long last;

    private Transaction(Session session, long now, long last) {
        this.session = session;
        this.now = now;
        this.first = last;
        this.last = last;
    }

    /**
     * Begins a transaction.
     *
     * @param now milliseconds since 1970
     */
    static Transaction begin(Session session, long now) throws SQLException {
        session.begin();
        try {
            return new Transaction(session, now, session.number("SELECT last FROM sequence"));
        } catch (SQLException e) {
            session.rollback();
            throw e;
        }
    }

    /** Milliseconds since 1970, the same for the whole transaction. */
    long now() {
        return now;
    }

    PreparedStatement prepare(String sql) throws SQLException {
        return session.prepare(sql);
    }

    /** A version that no entry of the file has had. */
    long nextVersion() {
        return ++last;
    }

    /** What the transaction did is on the disk when this returns. */
    void commit() throws SQLException {
        if (last != first) {
            PreparedStatement update = session.prepare("UPDATE sequence SET last = ?");
            update.setLong(1, last);
            update.executeUpdate();
        }
        session.commit();
    }

    void rollback() {
        session.rollback();
    }
}
