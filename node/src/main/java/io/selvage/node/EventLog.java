package io.selvage.node;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * What happens in a node, as events: one JSON object a line, or lines for reading. Thread-safe.
 *
 * <p>Logging never blocks and costs its caller a queue entry: a thread of its own formats the events and writes them in
 * batches. {@link #close} writes what is left. When the reader of the log is so slow that {@value #CAPACITY} events
 * wait, further ones are dropped, and how many is logged as soon as there is room.
 */
public final class EventLog implements AutoCloseable {
    /** How important an event is. */
    public enum Level {
        DEBUG,
        INFO,
        WARN,
        ERROR;

        private final String lower = name().toLowerCase(Locale.ROOT);
    }

    /** How lines look. */
    public enum Format {
        AUTO,
        TEXT,
        JSON
    }

    /** How many events may wait to be written. */
    static final int CAPACITY = 65_536;

    /** How many fields of an event without a message stand for one, in a text: names and values of three. */
    private static final int LEADING_FIELDS = 6;

    private static final long BATCH_NANOS = 5_000_000;

    /** Loaded with the first line of text: time zones take a moment. */
    private static final class Clock {
        private static final DateTimeFormatter FORMAT =
                DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());
    }

    private record Event(long millis, Level level, String name, String message, Object[] fields) {}

    private final ConcurrentLinkedQueue<Event> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final OutputStream output;
    private final Level level;
    private final boolean json;
    private final boolean colours;
    private final Thread writer;
    private long lastSecond = Long.MIN_VALUE;
    private String lastSecondText = "";
    private volatile boolean sleeping;
    private volatile boolean closed;

    /**
     * A log that writes to {@code output}, which it does not close.
     *
     * @param format not {@link Format#AUTO}
     * @param colours whether text lines are coloured
     */
    public EventLog(OutputStream output, Level level, Format format, boolean colours) {
        this.output = output;
        this.level = level;
        this.json = format == Format.JSON;
        this.colours = colours;
        this.writer = Thread.ofPlatform().daemon().name("selvage-log").start(this::write);
    }

    /** The log that the settings ask for, on standard error. */
    public static EventLog open(Settings settings) {
        boolean terminal = isTerminal();
        Format format = settings.get(Setting.LOG_FORMAT);
        Format used = format != Format.AUTO ? format : terminal ? Format.TEXT : Format.JSON;
        return new EventLog(
                new java.io.FileOutputStream(java.io.FileDescriptor.err),
                settings.get(Setting.LOG_LEVEL),
                used,
                terminal && System.getenv("NO_COLOR") == null);
    }

    /** Whether standard error is a terminal; where the system cannot say, whether the process has one at all. */
    private static boolean isTerminal() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/2")).startsWith("/dev/pts")
                    || Files.readSymbolicLink(Path.of("/proc/self/fd/2")).startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException _) {
            return System.console() != null && System.console().isTerminal();
        }
    }

    /** A log that keeps nothing. */
    public static EventLog none() {
        return new EventLog(OutputStream.nullOutputStream(), Level.ERROR, Format.TEXT, false);
    }

    /** Whether events of this level are kept. */
    public boolean isEnabled(Level of) {
        return of.compareTo(level) >= 0;
    }

    /** Logs something for those who look for a fault in the node. */
    public void debug(String name, String message, Object... fields) {
        log(Level.DEBUG, name, message, fields);
    }

    /** Logs something that is as it should be. */
    public void info(String name, String message, Object... fields) {
        log(Level.INFO, name, message, fields);
    }

    /** Logs something that someone should look at. */
    public void warn(String name, String message, Object... fields) {
        log(Level.WARN, name, message, fields);
    }

    /** Logs something that someone must look at. */
    public void error(String name, String message, Object... fields) {
        log(Level.ERROR, name, message, fields);
    }

    /**
     * Logs an event.
     *
     * @param name which kind of event, the same for all of the kind, for example {@code limit}
     * @param message a sentence for people
     * @param fields names and values in turn; numbers and booleans stay such, anything else becomes text
     */
    public void log(Level of, String name, String message, Object... fields) {
        if (!isEnabled(of)) {
            return;
        }
        if (waiting.incrementAndGet() > CAPACITY) {
            waiting.decrementAndGet();
            dropped.increment();
            return;
        }
        queue.add(new Event(System.currentTimeMillis(), of, name, message, fields));
        if (sleeping) {
            sleeping = false;
            LockSupport.unpark(writer);
        }
    }

    /** How many events were dropped because the log's reader was too slow. */
    public long dropped() {
        return dropped.sum();
    }

    /** Writes every event that was logged before; takes no more afterwards. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        try {
            writer.join(10_000);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        StringBuilder batch = new StringBuilder();
        long said = 0;
        while (true) {
            boolean last = closed;
            Event event;
            while ((event = queue.poll()) != null) {
                waiting.decrementAndGet();
                append(batch, event);
                if (batch.length() > 1 << 16) {
                    flush(batch);
                }
            }
            long lost = dropped.sum();
            if (lost > said) {
                append(
                        batch,
                        new Event(
                                System.currentTimeMillis(), Level.WARN, "log", "log lines were dropped", new Object[] {
                                    "dropped", lost - said
                                }));
                said = lost;
            }
            flush(batch);
            if (last) {
                return;
            }
            rest();
        }
    }

    /** Waits a moment for more, so that a busy log is written in batches; then until there is something. */
    private void rest() {
        LockSupport.parkNanos(this, BATCH_NANOS);
        if (queue.isEmpty() && !closed) {
            sleeping = true;
            while (queue.isEmpty() && !closed && sleeping) {
                LockSupport.park(this);
            }
            sleeping = false;
        }
    }

    private void flush(StringBuilder batch) {
        if (batch.isEmpty()) {
            return;
        }
        try {
            output.write(batch.toString().getBytes(StandardCharsets.UTF_8));
            output.flush();
        } catch (IOException _) {
            dropped.increment();
        }
        batch.setLength(0);
    }

    private void append(StringBuilder to, Event event) {
        if (json) {
            appendJson(to, event);
        } else {
            appendText(to, event);
        }
    }

    private void appendJson(StringBuilder to, Event event) {
        to.append("{\"time\":\"");
        appendTime(to, event.millis);
        to.append("\",\"level\":\"").append(event.level.lower).append("\",\"event\":");
        Json.string(to, event.name);
        if (!event.message.isEmpty()) {
            to.append(",\"message\":");
            Json.string(to, event.message);
        }
        Json.members(to, event.fields);
        to.append("}\n");
    }

    /** The time in UTC (RFC 3339); what is left of the last event's second is not worked out again. */
    private void appendTime(StringBuilder to, long millis) {
        long second = Math.floorDiv(millis, 1000);
        if (second != lastSecond) {
            lastSecond = second;
            lastSecondText = Instant.ofEpochSecond(second).toString().replace("Z", ".");
        }
        int rest = (int) Math.floorMod(millis, 1000L);
        to.append(lastSecondText)
                .append((char) ('0' + rest / 100))
                .append((char) ('0' + rest / 10 % 10))
                .append((char) ('0' + rest % 10))
                .append('Z');
    }

    private void appendText(StringBuilder to, Event event) {
        String colour = switch (event.level) {
            case DEBUG -> "\u001b[2m";
            case INFO -> "\u001b[32m";
            case WARN -> "\u001b[33m";
            case ERROR -> "\u001b[31m";
        };
        dim(to, Clock.FORMAT.format(Instant.ofEpochMilli(event.millis)));
        to.append(' ')
                .append(colours ? colour : "")
                .append(String.format("%-5s", event.level))
                .append(colours ? "\u001b[0m" : "")
                .append(' ');
        printable(to, event.message.isEmpty() ? event.name : event.message);
        int first = 0;
        if (event.message.isEmpty()) {
            for (; first < Math.min(LEADING_FIELDS, event.fields.length - 1); first += 2) {
                to.append(' ');
                printable(to, String.valueOf(event.fields[first + 1]));
            }
        }
        for (int i = first; i + 1 < event.fields.length; i += 2) {
            to.append(' ');
            dim(to, event.fields[i] + "=");
            printable(to, String.valueOf(event.fields[i + 1]));
        }
        to.append('\n');
    }

    private void dim(StringBuilder to, String text) {
        to.append(colours ? "\u001b[2m" : "").append(text).append(colours ? "\u001b[0m" : "");
    }

    /** Guests and clients choose some of the text: it must not reach the terminal as control sequences. */
    private static void printable(StringBuilder to, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                to.append("\n    ");
            } else if (Character.isISOControl(c) && c != '\t') {
                to.append(String.format("\\x%02x", (int) c));
            } else {
                to.append(c);
            }
        }
    }
}
