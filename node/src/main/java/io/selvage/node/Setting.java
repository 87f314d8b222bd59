package io.selvage.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One thing about a node that can be set; the constants are all there are.
 *
 * @param key where it stands in a settings file, for example {@code gateway.listen}
 * @param example what a value looks like, for documentation
 * @param defaultText what holds where nothing is set
 * @param documentation what it does, one sentence or two
 * @param parser makes the value of a text, or throws {@link IllegalArgumentException} with a message for people
 * @param <T> the type of its value
 */
public record Setting<T>(
        String key, String example, String defaultText, String documentation, Function<String, T> parser) {

    /** Where functions are served. */
    public static final Setting<ListenAddress> LISTEN = address(
            "gateway.listen",
            "127.0.0.1:8080",
            "Where the app is served, in place of the manifest's listeners if it is set. Port 0 picks a free one.");

    /** Whether the listener of {@link #LISTEN} has a certificate for development. */
    public static final Setting<Boolean> TLS_DEVELOPMENT = bool(
            "gateway.tls_development",
            false,
            "Whether gateway.listen speaks TLS with a self-signed certificate, kept in the state directory.");

    /** How many event loops read and write sockets. */
    public static final Setting<Integer> EVENT_LOOPS = integer(
            "gateway.event_loops",
            0,
            0,
            64,
            "Threads that read and write sockets; 0 is half of the processors if the app has functions, else all.");

    /** How sockets are read and written. */
    public static final Setting<SocketTransport> TRANSPORT = choice(
            "gateway.transport",
            SocketTransport.class,
            SocketTransport.AUTO,
            "How sockets are read and written: epoll, which only Linux has, or nio; auto is epoll where it is to be had.");

    /** The longest request line, bytes. */
    public static final Setting<Long> REQUEST_LINE =
            size("gateway.request_line", "8KiB", 256, 1 << 20, "The longest request line; past it the answer is 414.");

    /** The most that a request's fields may take, bytes. */
    public static final Setting<Long> HEADER_SIZE = size(
            "gateway.header_size",
            "32KiB",
            512,
            1 << 20,
            "The most that a request's header fields may take together; past it the answer is 431.");

    /** How long a request's head may take to arrive. */
    public static final Setting<Duration> HEADER_TIMEOUT = duration(
            "gateway.header_timeout",
            "10s",
            Duration.ofMillis(50),
            "How long the head of a request may take from its first byte to its last; past it the answer is 408.");

    /** How long a connection may be silent. */
    public static final Setting<Duration> IDLE_TIMEOUT = duration(
            "gateway.idle_timeout",
            "60s",
            Duration.ofMillis(50),
            "How long a connection without a request may stay open.");

    /** The slowest that a body may move, bytes a second. */
    public static final Setting<Long> BODY_RATE = size(
            "gateway.body_rate",
            "240B",
            0,
            1L << 30,
            "The least that a request body must bring each second while its function waits for it, after a grace of "
                    + "body_grace; slower is 408. 0B switches the check off.");

    /** How long a body may be slower than the rate. */
    public static final Setting<Duration> BODY_GRACE = duration(
            "gateway.body_grace",
            "5s",
            Duration.ofMillis(50),
            "How long a body may be slower than body_rate before it counts.");

    /** How long a client may leave a response waiting. */
    public static final Setting<Duration> SEND_TIMEOUT = duration(
            "gateway.send_timeout",
            "60s",
            Duration.ofMillis(50),
            "How long a client of an origin or the cache may take for the 64 KiB of a response that wait for it; past it "
                    + "the response is broken off.");

    /** The most connections at once. */
    public static final Setting<Integer> CONNECTIONS = integer(
            "gateway.connections",
            20_000,
            1,
            1_000_000,
            "The most connections at once; further ones are closed as they come.");

    /** The most concurrent requests on one HTTP/2 connection. */
    public static final Setting<Integer> STREAMS =
            integer("gateway.streams", 128, 1, 10_000, "The most requests at once on one HTTP/2 connection.");

    /** Whether the node that serves at the same addresses is replaced. */
    public static final Setting<Boolean> TAKE_OVER = bool(
            "gateway.take_over",
            false,
            "Whether a node that serves already, with its admin listener at admin.listen, is replaced: this one listens at "
                    + "the same addresses, and that one finishes what it does and ends.");

    /** How long running requests get when the node stops. */
    public static final Setting<Duration> DRAIN = duration(
            "gateway.drain",
            "30s",
            Duration.ZERO,
            "How long requests that run may go on when the node is asked to stop; then they are ended.");

    /** How much the cache may hold, bytes. */
    public static final Setting<Long> CACHE_MEMORY = size(
            "cache.memory",
            "64MiB",
            64 << 10,
            1L << 40,
            "How much the cache of routes with cache = true may hold in memory, and half as much again of responses "
                    + "that are just arriving.");

    /** The largest response that is stored, bytes. */
    public static final Setting<Long> CACHE_OBJECT = size(
            "cache.object",
            "8MiB",
            0,
            1L << 30,
            "The largest response that is stored in memory; larger ones are stored on disk if cache.disk allows it, "
                    + "and else passed through.");

    /** How much the cache may take of the disk, bytes. */
    public static final Setting<Long> CACHE_DISK = size(
            "cache.disk",
            "0B",
            0,
            1L << 50,
            "How much of the disk the cache may take, for what memory has no room for and for the time after a restart; "
                    + "0B is no disk.");

    /** The largest response that is stored on disk, bytes. */
    public static final Setting<Long> CACHE_DISK_OBJECT = size(
            "cache.disk_object",
            "1GiB",
            0,
            1L << 50,
            "The largest response that is stored on disk, and at most half of cache.disk; larger ones are passed through.");

    /** Where the cache's disk is. */
    public static final Setting<Path> CACHE_DISK_FOLDER = new Setting<>(
            "cache.disk_folder",
            "/var/cache/selvage",
            "cache",
            "The folder of what the cache has on disk, beginning at state.directory; made when it is first needed. One "
                    + "process at a time uses it.",
            Path::of);

    /** Where health and metrics are served. */
    public static final Setting<ListenAddress> ADMIN = address(
            "admin.listen",
            "127.0.0.1:9080",
            "Where /health/live, /health/ready and /metrics are served. Keep it on loopback.");

    /** Where durable state lives. */
    public static final Setting<Path> STATE = new Setting<>(
            "state.directory",
            "/var/lib/selvage",
            ".selvage",
            "The folder of the node's durable state; made when it is first needed.",
            Path::of);

    /** What is logged. */
    public static final Setting<EventLog.Level> LOG_LEVEL =
            choice("log.level", EventLog.Level.class, EventLog.Level.INFO, "The least important level that is logged.");

    /** How log lines look. */
    public static final Setting<EventLog.Format> LOG_FORMAT = choice(
            "log.format",
            EventLog.Format.class,
            EventLog.Format.AUTO,
            "How log lines look: json is one object a line, text is for reading, auto is text on a terminal.");

    /** Whether each request is logged. */
    public static final Setting<Boolean> LOG_ACCESS =
            bool("log.access", true, "Whether a line is logged for every request.");

    /** Whether changes of the app's files are followed. */
    public static final Setting<Boolean> WATCH =
            bool("node.watch", true, "Whether a changed manifest or module is loaded while the node runs.");

    /** How many modules are loaded before the node is ready. */
    public static final Setting<Integer> PRELOAD = integer(
            "node.preload",
            64,
            0,
            1_000_000,
            "Up to this many different modules are loaded before the node is ready; with more, each is loaded at the "
                    + "first request for it.");

    private static final List<Setting<?>> ALL = List.of(
            LISTEN,
            TLS_DEVELOPMENT,
            EVENT_LOOPS,
            TRANSPORT,
            REQUEST_LINE,
            HEADER_SIZE,
            HEADER_TIMEOUT,
            IDLE_TIMEOUT,
            BODY_RATE,
            BODY_GRACE,
            SEND_TIMEOUT,
            CONNECTIONS,
            STREAMS,
            TAKE_OVER,
            DRAIN,
            CACHE_MEMORY,
            CACHE_OBJECT,
            CACHE_DISK,
            CACHE_DISK_OBJECT,
            CACHE_DISK_FOLDER,
            ADMIN,
            STATE,
            LOG_LEVEL,
            LOG_FORMAT,
            LOG_ACCESS,
            WATCH,
            PRELOAD);

    /** Every setting, in the order for documentation. */
    public static List<Setting<?>> all() {
        return ALL;
    }

    /** The environment variable that sets it, for example {@code SELVAGE_GATEWAY__LISTEN}. */
    public String variable() {
        return "SELVAGE_" + key.replace(".", "__").toUpperCase(Locale.ROOT);
    }

    private static Setting<ListenAddress> address(String key, String value, String documentation) {
        return new Setting<>(key, "0.0.0.0:80", value, documentation, ListenAddress::parse);
    }

    private static Setting<Long> size(String key, String value, long least, long most, String documentation) {
        return new Setting<>(key, "64KiB", value, documentation, text -> {
            long size = Quantity.size(text);
            if (size < least || size > most) {
                throw new IllegalArgumentException("\"" + text + "\" is out of range: " + Quantity.sizeText(least)
                        + " to " + Quantity.sizeText(most));
            }
            return size;
        });
    }

    private static Setting<Duration> duration(String key, String value, Duration least, String documentation) {
        return new Setting<>(key, "10s", value, documentation, text -> {
            Duration duration = Quantity.duration(text);
            if (duration.compareTo(least) < 0) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is too short: at least " + Quantity.durationText(least));
            }
            return duration;
        });
    }

    private static Setting<Integer> integer(String key, int value, int least, int most, String documentation) {
        return new Setting<>(
                key, Integer.toString(Math.max(1, value)), Integer.toString(value), documentation, text -> {
                    try {
                        int number = Integer.parseInt(text);
                        if (number >= least && number <= most) {
                            return number;
                        }
                    } catch (NumberFormatException _) {
                        // said below
                    }
                    throw new IllegalArgumentException(
                            "\"" + text + "\" is not a whole number from " + least + " to " + most);
                });
    }

    private static Setting<Boolean> bool(String key, boolean value, String documentation) {
        return new Setting<>(
                key, Boolean.toString(!value), Boolean.toString(value), documentation, text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException("\"" + text + "\" is not true or false");
                });
    }

    private static <E extends Enum<E>> Setting<E> choice(String key, Class<E> type, E value, String documentation) {
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList();
        return new Setting<>(key, names.getLast(), value.name().toLowerCase(Locale.ROOT), documentation, text -> {
            if (!names.contains(text)) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is not one of " + names.stream().collect(Collectors.joining(", ")));
            }
            return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
        });
    }
}
