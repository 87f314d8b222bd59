package io.selvage.gateway;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoop;
import io.selvage.node.ConfigurationException;
import io.selvage.node.Dispatcher;
import io.selvage.node.Json;
import io.selvage.node.ListenAddress;
import io.selvage.node.Manifest;
import io.selvage.node.Node;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import io.selvage.node.SocketTransport;
import io.selvage.tls.AcmeKeeper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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

    /** How long a node that is replaced goes on accepting: the kernel may have begun a connection before. */
    private static final Duration LAST_CONNECTIONS = Duration.ofSeconds(1);

    /** How long clients of a node that is replaced may keep a connection that they do not use. */
    private static final Duration LAST_REQUESTS = Duration.ofSeconds(5);

    private static final Duration POLL = Duration.ofMillis(20);

    private final Node node;
    private final Proxy proxy;
    private final Listener listener;
    private final VertxInternal vertx;
    private final Listeners listeners;
    private final AcmeKeeper acme;
    private final List<EventLoop> eventLoops = new ArrayList<>();
    private final ListenAddress adminAddress;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final GatewayLimits limits;
    private final SocketTransport transport;
    private volatile @Nullable HttpServer adminServer;
    private volatile boolean replaced;

    private Gateway(Node node) {
        this.node = node;
        Settings settings = node.settings();
        transport = GuardedTransport.available(settings.get(Setting.TRANSPORT), GuardedTransport::obstacle);
        limits = new GatewayLimits(settings);
        Gauge.builder("selvage.connections", limits, GatewayLimits::open)
                .description("Open connections")
                .register(node.metrics().registry());
        Gauge.builder("selvage.log.dropped", node.log(), io.selvage.node.EventLog::dropped)
                .description("Log lines that were dropped because the log's reader was too slow")
                .register(node.metrics().registry());
        int loops = settings.get(Setting.EVENT_LOOPS);
        int processors = Runtime.getRuntime().availableProcessors();
        boolean runsGuests = !node.release().functions().isEmpty();
        int count = loops > 0 ? loops : runsGuests ? Math.max(1, processors / 2) : processors;
        acme = new AcmeKeeper(
                settings.get(Setting.STATE), node.log(), node.metrics().registry(), this::certificateIssued);
        boolean crowded = count >= processors;
        GuardedTransport guarded =
                new GuardedTransport(transport, limits, acme.challenges(), () -> crowded && !Dispatcher.isComputing());
        vertx = vertx(guarded, count);
        proxy = new Proxy(node, vertx, count);
        listener = new Listener(node, limits, proxy, acme.challenges());
        List<ContextInternal> contexts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ContextInternal context = vertx.createEventLoopContext();
            contexts.add(context);
            eventLoops.add(context.nettyEventLoop());
        }
        Sockets sockets = new Sockets(vertx, settings, guarded, limits, listener, contexts);
        listeners = new Listeners(settings, node.log(), sockets, acme);
        try {
            ListenAddress wantedAdmin = settings.get(Setting.ADMIN);
            Predecessor predecessor = new Predecessor(wantedAdmin);
            boolean takesOver = settings.get(Setting.TAKE_OVER) && predecessor.serves();
            sockets.share(takesOver);
            prepare(node.release().manifest()).run();
            if (takesOver) {
                listeners.steerHere();
                predecessor.end();
                // Not before: should this process die until then, the other one goes on
                listeners.takePlaces();
            }
            HttpServer admin = sockets.adminServer(
                    new AdminListener(node, listener, proxy, this::leaveAdmin, this::replace)::handle);
            adminServer = admin;
            adminAddress =
                    new ListenAddress(wantedAdmin.host(), bindAdmin(sockets, admin, wantedAdmin, contexts.getFirst()));
            sockets.share(false);
            node.onPrepare(this::prepare);
        } catch (ConfigurationException e) {
            acme.close();
            await(listeners.shutdown(Duration.ZERO), Duration.ofSeconds(1));
            vertx.close();
            proxy.cache().close();
            throw e;
        }
    }

    private Runnable prepare(Manifest next) {
        OriginClients.check(next.origins().values());
        return listeners.prepare(next);
    }

    private void certificateIssued() {
        listeners.issued();
    }

    /** A registry that {@code /metrics} can show; for {@link Node.Builder#registry}. */
    public static MeterRegistry newRegistry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.config().meterFilter(new PrometheusNames());
        return registry;
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

    /**
     * Looks whether the listeners that a manifest asks for could be opened, and its origins be asked, as far as that can be said
     * without doing so: whether their certificates and keys can be used.
     *
     * @throws ConfigurationException with every mistake, one a line, each with its place
     */
    public static void check(Manifest manifest, Settings settings) {
        CacheTiers.check(settings);
        List<String> mistakes = new ArrayList<>();
        for (Runnable part : List.<Runnable>of(
                () -> Listeners.check(manifest, settings),
                () -> OriginClients.check(manifest.origins().values()))) {
            try {
                part.run();
            } catch (ConfigurationException e) {
                mistakes.add(e.getMessage());
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(String.join("\n", mistakes));
        }
    }

    /** Where the app is served, with the ports that were picked where 0 was asked for: the beginnings of URLs. */
    public List<String> urls() {
        return listeners.open().stream().map(ListenerSocket::url).toList();
    }

    /**
     * The network address of the first listener that has one, with the port that was picked if 0 was asked for.
     *
     * @throws IllegalStateException if there are Unix sockets alone
     */
    public ListenAddress listenAddress() {
        return listeners.open().stream()
                .map(ListenerSocket::binding)
                .filter(ListenAddress.class::isInstance)
                .map(ListenAddress.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there are Unix sockets alone"));
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
                "listen", String.join(" ", urls()),
                "admin", adminAddress.url(),
                "app", node.release().manifest().name(),
                "functions", node.release().functions().size(),
                "routes", node.release().routes(),
                "transport", transport.text(),
                "pid", ProcessHandle.current().pid(),
                "startup_ms", uptime);
    }

    /**
     * Waits until the process is asked to stop with SIGTERM or SIGINT, or another one has taken over. The second such signal ends the process at once,
     * with exit code 130.
     */
    public void awaitSignal() {
        Signals.await(asked);
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
        acme.close();
        listener.drain();
        node.onPrepare(_ -> () -> {});
        if (replaced) {
            awaitLastConnections();
        }
        Future<?> stopping = listeners.shutdown(allowed.plusSeconds(2));
        boolean inTime = await(stopping, allowed);
        if (!inTime) {
            node.log().warn("drain", "the time to drain is over, ending the requests that still run");
            eventLoops.forEach(loop -> loop.execute(() -> LoopState.of(loop).forEachMember(LoopMember::shutdown)));
            await(stopping, Duration.ofSeconds(2));
        }
        release();
        return inTime;
    }

    /**
     * Leaves the admin listener's address to another process, now and not when what runs has ended: what is purged or changed,
     * and the next process that takes over, must reach the one that serves. Who is being answered still gets the answer.
     */
    private void leaveAdmin() {
        HttpServer admin = adminServer;
        if (admin != null) {
            admin.shutdown(LAST_REQUESTS.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Another process serves at the same addresses: this one is asked to stop. */
    private void replace() {
        replaced = true;
        asked.countDown();
    }

    /**
     * Goes on accepting what the kernel still has for this process, and lets clients see in their next response that their
     * connection ends.
     */
    private void awaitLastConnections() {
        long begun = System.nanoTime();
        try {
            while (System.nanoTime() - begun < (limits.open() > 0 ? LAST_REQUESTS : LAST_CONNECTIONS).toNanos()) {
                Thread.sleep(POLL);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes every connection at once; see {@link #drain} for the gentle way. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            acme.close();
            listener.drain();
            release();
        }
    }

    private void release() {
        await(vertx.close(), Duration.ofSeconds(5));
        proxy.cache().close();
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

    private static VertxInternal vertx(GuardedTransport transport, int eventLoops) {
        // a client that negotiates again and again costs more than it spends (CVE-2011-1473); TLS 1.3 has done away
        // with it
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
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
                .withTransport(transport.transport())
                .build();
    }

    private static int bindAdmin(Sockets sockets, HttpServer admin, ListenAddress address, ContextInternal loop) {
        try {
            sockets.checkFree(address);
            return ListenerSocket.bind(admin, address, loop);
        } catch (ConfigurationException e) {
            throw new ConfigurationException(Setting.ADMIN.key() + ": " + e.getMessage());
        }
    }
}
