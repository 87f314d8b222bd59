package io.selvage.kv;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes: takes all writes that wait, does them in one transaction, and answers them all after its
 * one commit, so that they share the wait for the disk.
 *
 * <p>A statement that fails in the middle of a group (a full disk, say) takes the transaction with it in SQLite; then
 * each write of the group is done once more in a transaction of its own, so that only those fail that must.
 */
final class Writer implements AutoCloseable {
    /** The most writes in a group: bounds how long the first of them waits for the last. */
    private static final int MOST_WRITES = 512;

    /** How much a group may write, in bytes, before it is committed; a single write may be larger. */
    private static final long MOST_BYTES = 16L << 20;

    /** How much is written, in bytes, before the log is emptied even if readers are always at work. */
    private static final long LOG_BYTES = 64L << 20;

    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How many expired entries are removed in one transaction. */
    private static final int SWEEP_BATCH = 256;

    /** A write that waits for its answer. */
    private static final class Pending<T> {
        private final Transaction.Work<T> work;
        private final long bytes;
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private @Nullable T result;
        private @Nullable RuntimeException refusal;

        Pending(Transaction.Work<T> work, long bytes) {
            this.work = work;
            this.bytes = bytes;
        }

        /** Does the write; a refusal by the store's own rules is an answer like another. */
        void run(Transaction transaction) throws SQLException {
            result = null;
            refusal = null;
            try {
                result = work.run(transaction);
            } catch (IllegalArgumentException | IllegalStateException e) {
                refusal = e;
            }
        }

        @SuppressWarnings("NullAway") // run has set one of the two
        void acknowledge() {
            if (refusal != null) {
                answer.completeExceptionally(refusal);
            } else {
                answer.complete(result);
            }
        }

        void fail(IOException e) {
            answer.completeExceptionally(e);
        }
    }

    /** The end of the queue. */
    private static final Pending<Boolean> STOP = new Pending<>(_ -> true, 0);

    private final Database database;
    private final BlockingQueue<Pending<?>> queue = new LinkedBlockingQueue<>();
    private final ReentrantLock lifecycle = new ReentrantLock();
    private @Nullable Thread thread;
    private volatile boolean running;
    private boolean stopped;
    private @Nullable Session session;
    private long written;
    private long nextSweep;

    Writer(Database database) {
        this.database = database;
    }

    /**
     * Does {@code work} with others' in a transaction.
     *
     * @param bytes about how much it writes
     * @throws InterruptedIOException if the thread is interrupted; then the write is done or not
     */
    <T> T write(Transaction.Work<T> work, long bytes) throws IOException {
        Pending<T> pending = new Pending<>(work, bytes);
        enqueue(pending);
        try {
            return pending.answer.get();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a write to " + database.file() + " was under way");
        } catch (ExecutionException e) {
            throw rethrow(e.getCause());
        }
    }

    private static IOException rethrow(@Nullable Throwable cause) {
        switch (cause) {
            // A new exception for each caller: the stack is the caller's, not the writer's.
            case IOException e -> {
                return new IOException(e.getMessage(), e);
            }
            case IllegalArgumentException e -> throw e;
            case IllegalStateException e -> throw e;
            case null, default -> throw new IllegalStateException("a write failed in an unforeseen way", cause);
        }
    }

    private void enqueue(Pending<?> pending) throws IOException {
        lifecycle.lock();
        try {
            if (stopped) {
                throw database.closedException();
            }
            queue.add(pending);
            if (!running) {
                running = true;
                thread = Thread.ofPlatform().daemon().name("selvage-kv-writer").start(this::run);
            }
        } finally {
            lifecycle.unlock();
        }
    }

    private void run() {
        List<Pending<?>> group = new ArrayList<>();
        nextSweep = System.nanoTime();
        boolean more = true;
        while (more) {
            more = take(group);
            try {
                if (!group.isEmpty()) {
                    commit(group);
                }
                emptyLog();
                sweep();
            } catch (RuntimeException | Error e) {
                // A defect must not leave callers waiting for ever.
                IOException failure = new IOException("a write to " + database.file() + " failed: " + e, e);
                group.forEach(pending -> pending.fail(failure));
                drop();
            }
            group.clear();
        }
        drop();
    }

    /** Fills {@code group} with what waits; answers whether more may come. */
    private boolean take(List<Pending<?>> group) {
        long bytes = 0;
        try {
            Pending<?> pending = queue.poll(Math.max(1, nextSweep - System.nanoTime()), TimeUnit.NANOSECONDS);
            while (pending != null && pending != STOP) {
                group.add(pending);
                bytes += pending.bytes;
                pending = group.size() < MOST_WRITES && bytes < MOST_BYTES ? queue.poll() : null;
            }
            written += bytes;
            return pending != STOP;
        } catch (InterruptedException _) {
            return true; // nobody interrupts this thread
        }
    }

    private void commit(List<Pending<?>> group) {
        Transaction transaction;
        try {
            transaction = Transaction.begin(session(), database.now());
        } catch (SQLException e) {
            fail(group, e);
            drop();
            return;
        } catch (IOException e) {
            group.forEach(pending -> pending.fail(e));
            return;
        }
        try {
            for (Pending<?> pending : group) {
                pending.run(transaction);
            }
            transaction.commit();
        } catch (SQLException e) {
            transaction.rollback();
            drop(); // the driver's statements do not all survive such an error
            if (group.size() == 1) {
                fail(group, e);
            } else {
                group.forEach(pending -> commit(List.of(pending)));
            }
            return;
        }
        group.forEach(Pending::acknowledge);
    }

    private void fail(List<Pending<?>> group, SQLException e) {
        IOException failure = Failures.explain("write", database.file(), e);
        group.forEach(pending -> pending.fail(failure));
    }

    private Session session() throws IOException {
        Session current = session;
        if (current == null) {
            current = database.open();
            session = current;
        }
        return current;
    }

    /** Lets go of the connection; the next write opens another. */
    private void drop() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    /** SQLite moves the log into the file by itself, but begins the log anew only in a moment without a reader. */
    private void emptyLog() {
        if (written < LOG_BYTES || session == null) {
            return;
        }
        written = 0;
        try {
            session.execute("PRAGMA busy_timeout = 100");
            session.execute("PRAGMA wal_checkpoint(RESTART)");
            session.execute("PRAGMA busy_timeout = " + Session.BUSY_TIMEOUT);
        } catch (SQLException _) {
            drop(); // the log only stays longer than need be
        }
    }

    /** Removes a bounded number of expired entries, when it is time to. */
    private void sweep() {
        if (System.nanoTime() - nextSweep < 0) {
            return;
        }
        nextSweep = System.nanoTime() + SWEEP_NANOS;
        if (session == null) {
            return;
        }
        try {
            if (sweepBatch(session) == SWEEP_BATCH) {
                nextSweep = System.nanoTime();
            }
        } catch (SQLException _) {
            drop(); // expired entries are invisible all the same; the next sweep tries again
        }
    }

    private int sweepBatch(Session session) throws SQLException {
        if (session.number("SELECT EXISTS (SELECT 1 FROM entry WHERE expires <= " + database.now() + ")") == 0) {
            return 0;
        }
        Transaction transaction = Transaction.begin(session, database.now());
        try {
            PreparedStatement delete =
                    transaction.prepare("DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE expires <= ? LIMIT "
                            + SWEEP_BATCH + ")");
            delete.setLong(1, transaction.now());
            int swept = delete.executeUpdate();
            transaction.commit();
            return swept;
        } catch (SQLException e) {
            transaction.rollback();
            throw e;
        }
    }

    /** Does what has been asked for, then ends the thread. */
    @Override
    public void close() {
        Thread ending;
        lifecycle.lock();
        try {
            if (!stopped) {
                stopped = true;
                queue.add(STOP);
            }
            ending = thread;
        } finally {
            lifecycle.unlock();
        }
        if (ending != null) {
            joinUninterruptibly(ending);
        }
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
