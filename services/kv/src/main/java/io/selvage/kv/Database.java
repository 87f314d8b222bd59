package io.selvage.kv;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The SQLite file of a node's stores: many readers at once, one {@link Writer}. Thread-safe; opened by its first use.
 *
 * <p>A read runs on the thread that asks. That thread cannot unmount during the native call, so no more reads run at
 * once than there are processors; the others wait parked.
 */
final class Database implements AutoCloseable {
    private static final int READERS = Runtime.getRuntime().availableProcessors();

    private final Path file;
    private final InstantSource clock;
    private final Semaphore readers = new Semaphore(READERS);
    private final ConcurrentLinkedDeque<Session> idle = new ConcurrentLinkedDeque<>();
    private final ReentrantLock making = new ReentrantLock();
    private final Writer writer;
    private volatile boolean closed;

    Database(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
        this.writer = new Writer(this);
    }

    Path file() {
        return file;
    }

    /** Milliseconds since 1970. */
    long now() {
        return clock.millis();
    }

    /** Runs {@code query} on a connection of the caller's own. */
    <T> T read(Session.Work<T> query) throws IOException {
        acquire(1);
        try {
            Session session = idle.pollFirst();
            if (session == null) {
                session = open();
            }
            return read(session, query);
        } finally {
            readers.release();
        }
    }

    private <T> T read(Session session, Session.Work<T> query) throws IOException {
        boolean usable = false;
        try {
            T answer = query.run(session);
            usable = true;
            return answer;
        } catch (SQLException e) {
            throw Failures.explain("read", file, e);
        } finally {
            if (usable) {
                idle.addFirst(session);
            } else {
                session.close();
            }
        }
    }

    /**
     * Has {@code work} done in a transaction and waits until that is on the disk.
     *
     * @param bytes about how much it writes
     */
    <T> T write(Transaction.Work<T> work, long bytes) throws IOException {
        return writer.write(work, bytes);
    }

    /** A new connection; the first one makes the folder and the file. */
    Session open() throws IOException {
        making.lock();
        try {
            Path folder = folder();
            boolean isNew = Files.notExists(file);
            if (isNew) {
                Files.createDirectories(folder);
            }
            Session session = Session.open(file);
            if (isNew) {
                sync(folder);
            }
            return session;
        } catch (SQLException e) {
            throw Failures.explain("open", file, e);
        } catch (IOException e) {
            throw Failures.explain(folder(), e);
        } finally {
            making.unlock();
        }
    }

    private Path folder() {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? file.toAbsolutePath() : folder;
    }

    /** Has the file's entry in its folder survive a power failure. */
    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder)) {
            channel.force(true);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException _) {
            // Not every file system lets a folder be opened; then it has its own way.
        }
    }

    private void acquire(int permits) throws IOException {
        readers.acquireUninterruptibly(permits);
        if (closed) {
            readers.release(permits);
            throw closedException();
        }
    }

    IOException closedException() {
        return new IOException("the key-value state " + file + " is closed: the node is stopping");
    }

    @Override
    public void close() {
        writer.close();
        closed = true;
        readers.acquireUninterruptibly(READERS);
        try {
            for (Session session = idle.pollFirst(); session != null; session = idle.pollFirst()) {
                session.close();
            }
        } finally {
            readers.release(READERS);
        }
    }
}
