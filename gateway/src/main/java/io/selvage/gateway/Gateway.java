package io.selvage.gateway;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoop;
import io.selvage.node.ConfigurationException;
import io.selvage.node.Json;
import io.selvage.node.ListenAddress;
import io.selvage.node.Node;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of a node: one listener for its functions, one for those who run it. Thread-safe.
 *
 * <pre>{@code
 * Gateway gateway = Gateway.start(node);
 * System.out.println(gateway.readyEvent());
 * gateway.awaitSignal();   // SIGTERM, SIGINT
 * gateway.drain();
 * }</pre>
 */
public final class Gateway implements AutoCloseable {
    private static final long START_SECONDS = 30;

    private final Node node;
    private final Listener listener;
    private final VertxInternal vertx;
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<EventLoop> eventLoops = new ArrayList<>();
    private final HttpServer admin;
    private final ListenAddress listenAddress;
    private final ListenAddress adminAddress;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Gateway(Node node) {
        this.node = node;
        Settings settings = node.settings();
        GatewayLimits limits = new GatewayLimits(settings);
        Gauge.builder("selvage.connections", limits, GatewayLimits::open)
                .description("Open connections")
                .register(node.metrics().registry());
        Gauge.builder("selvage.log.dropped", node.log(), io.selvage.node.EventLog::dropped)
                .description("Log lines that were dropped because the log's reader was too slow")
                .register(node.metrics().registry());
        int loops = settings.get(Setting.EVENT_LOOPS);
        int count = loops > 0 ? loops : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        vertx = vertx(limits, count);
        Proxy proxy = new Proxy(node, vertx);
        listener = new Listener(node, limits, proxy);
        try {
            ListenAddress wanted = forAllLoops(settings.get(Setting.LISTEN), count);
            int port = listen(wanted, Setting.LISTEN);
            listenAddress = new ListenAddress(wanted.host(), port);
            for (int i = 1; i < count; i++) {
                listen(listenAddress, Setting.LISTEN);
            }
            ListenAddress wantedAdmin = settings.get(Setting.ADMIN);
            admin = vertx.createHttpServer(adminOptions())
                    .requestHandler(new AdminListener(node, listener, proxy)::handle);
            adminAddress = new ListenAddress(wantedAdmin.host(), bind(admin, wantedAdmin, Setting.ADMIN));
        } catch (ConfigurationException e) {
            vertx.close();
            throw e;
        }
    }

    /** A registry that {@code /metrics} can show; for {@link Node.Builder#registry}. */
    public static MeterRegistry newRegistry() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    /**
     * Opens the listeners that the node's settings ask for.
     *
     * @throws ConfigurationException if one cannot be opened; then none is
     */
    public static Gateway start(Node node) {
        JulBridge.install(node.log());
        return new Gateway(node);
    }

    /** Where functions are served, with the port that was picked if 0 was asked for. */
    public ListenAddress listenAddress() {
        return listenAddress;
    }

    /** Where health and metrics are served, with the port that was picked if 0 was asked for. */
    public ListenAddress adminAddress() {
        return adminAddress;
    }

    /** The machine-readable line that says the node serves: a JSON object with {@code "event":"ready"}. */
    public String readyEvent() {
        long uptime = ManagementFactory.getRuntimeMXBean().getUptime();
        return Json.object(
                "event", "ready",
                "listen", listenAddress.url(),
                "admin", adminAddress.url(),
                "app", node.release().manifest().name(),
                "functions", node.release().functions().size(),
                "routes", node.release().routes(),
                "pid", ProcessHandle.current().pid(),
                "startup_ms", uptime);
    }

    /**
     * Waits until the process is asked to stop with SIGTERM or SIGINT. The second such signal ends the process at once,
     * with exit code 130.
     */
    public void awaitSignal() {
        Signals.await();
    }

    /**
     * Stops accepting, lets the requests that run go on for as long as the settings allow, ends the rest, and closes.
     *
     * @return whether every request that ran has ended by itself
     */
    public boolean drain() {
        if (!closed.compareAndSet(false, true)) {
            return true;
        }
        Duration allowed = node.settings().get(Setting.DRAIN);
        node.log()
                .info(
                        "drain",
                        "stopping: no new requests, those that run get "
                                + io.selvage.node.Quantity.durationText(allowed));
        listener.drain();
        List<Future<Void>> stopping = new ArrayList<>();
        servers.forEach(server -> stopping.add(server.shutdown(allowed.toMillis() + 2_000, TimeUnit.MILLISECONDS)));
        boolean inTime = await(Future.all(stopping), allowed);
        if (!inTime) {
            node.log().warn("drain", "the time to drain is over, ending the requests that still run");
            eventLoops.forEach(loop -> loop.execute(() -> LoopState.of(loop).forEachMember(LoopMember::shutdown)));
            await(Future.all(stopping), Duration.ofSeconds(2));
        }
        release();
        return inTime;
    }

    /** Closes every connection at once; see {@link #drain} for the gentle way. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            listener.drain();
            release();
        }
    }

    private void release() {
        await(vertx.close(), Duration.ofSeconds(5));
        eventLoops.forEach(LoopState::forget);
    }

    private static boolean await(Future<?> future, Duration time) {
        try {
            future.toCompletionStage().toCompletableFuture().get(time.toMillis() + 1, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException _) {
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static VertxInternal vertx(GatewayLimits limits, int eventLoops) {
        System.setProperty("vertx.disableWebsockets", "true");
        System.setProperty("vertx.disableDnsResolver", "true");
        System.setProperty("vertx.disableMetrics", "true");
        System.setProperty("vertx.disableContextTimings", "true");
        VertxOptions options = new VertxOptions()
                .setEventLoopPoolSize(eventLoops)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setBlockedThreadCheckInterval(1)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.HOURS)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
        return (VertxInternal) Vertx.builder()
                .with(options)
                .withTransport(GuardedTransport.of(limits))
                .build();
    }

    private int listen(ListenAddress address, Setting<ListenAddress> setting) {
        Settings settings = node.settings();
        HttpServerOptions options = new HttpServerOptions()
                .setHttp2ClearTextEnabled(true)
                .setMaxInitialLineLength(settings.get(Setting.REQUEST_LINE).intValue())
                .setMaxHeaderSize(settings.get(Setting.HEADER_SIZE).intValue())
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(settings.get(Setting.STREAMS))
                        .setMaxHeaderListSize(settings.get(Setting.HEADER_SIZE)))
                .setAcceptBacklog(4096)
                .setTcpNoDelay(true);
        HttpServer server = vertx.createHttpServer(options)
                .requestHandler(listener::handle)
                .invalidRequestHandler(listener::handleInvalid);
        int port = bind(server, address, setting);
        servers.add(server);
        return port;
    }

    /** With several event loops a free port is picked beforehand: they share only a port that is known by its number. */
    private static ListenAddress forAllLoops(ListenAddress wanted, int loops) {
        if (wanted.port() != 0 || loops == 1) {
            return wanted;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(wanted.host(), 0));
            return new ListenAddress(wanted.host(), probe.getLocalPort());
        } catch (IOException _) {
            return wanted;
        }
    }

    private static HttpServerOptions adminOptions() {
        return new HttpServerOptions().setHttp2ClearTextEnabled(false);
    }

    private int bind(HttpServer server, ListenAddress address, Setting<ListenAddress> setting) {
        ContextInternal context = vertx.createEventLoopContext();
        eventLoops.add(context.nettyEventLoop());
        try {
            java.util.concurrent.CompletableFuture<HttpServer> bound = new java.util.concurrent.CompletableFuture<>();
            context.runOnContext(_ -> server.listen(address.port(), address.host())
                    .onComplete(bound::complete, bound::completeExceptionally));
            return bound.get(START_SECONDS, TimeUnit.SECONDS).actualPort();
        } catch (ExecutionException e) {
            throw new ConfigurationException(why(e.getCause(), address, setting));
        } catch (TimeoutException _) {
            throw new ConfigurationException(setting.key() + ": cannot listen on " + address + " in time");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new ConfigurationException("interrupted while opening " + address);
        }
    }

    private static String why(@Nullable Throwable failure, ListenAddress address, Setting<?> setting) {
        Throwable cause = failure == null ? new IllegalStateException("unknown") : failure;
        String message = String.valueOf(cause.getMessage());
        String advice = cause instanceof BindException && message.contains("in use")
                ? "another process uses that port; stop it, or choose another port (0 picks a free one)"
                : message.contains("ermission") ? "this user may not use that port; choose one above 1023" : message;
        return setting.key() + ": cannot listen on " + address + ": " + advice;
    }
}
