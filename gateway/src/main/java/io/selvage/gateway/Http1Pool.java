package io.selvage.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.selvage.gateway.OriginStream.Kept;
import io.selvage.gateway.OriginStream.Told;
import io.selvage.gateway.OriginStream.Unreachable;
import io.selvage.node.OriginDefinition;
import io.selvage.origins.Member;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/1.1 connections of one event loop to the addresses of an origin: so many to each at most, the one that was used
 * last first, closed when they have been idle for a minute. Belongs to its event loop.
 */
final class Http1Pool {
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** So long a connection is taken to be open for a request that cannot be sent once more; servers close idle ones after seconds. */
    private static final long TRUSTED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long SWEEP_SECONDS = 10;

    /** What a pool needs to know. */
    record Policy(
            VertxInternal vertx,
            OriginDefinition origin,
            Optional<SslContext> tls,
            int connections,
            int waiting,
            int largestHead) {}

    /** The connections to one address. */
    final class Place {
        private final Member member;
        private final ArrayDeque<Http1Connection> idle = new ArrayDeque<>();
        private final ArrayDeque<Told> waiting = new ArrayDeque<>();
        private int open;

        private Place(Member member) {
            this.member = member;
        }

        private void lease(Told told) {
            Http1Connection kept = idle.pollLast();
            while (kept != null && !kept.isOpen()) {
                kept = idle.pollLast();
            }
            boolean full = open >= policy.connections;
            if (kept != null && isTrusted(kept, told, full)) {
                kept.lend(told);
                return;
            }
            if (kept != null && full) {
                replace(kept, told);
                return;
            }
            if (kept != null) {
                idle.addLast(kept);
            }
            if (!full) {
                open++;
                resolve(told);
            } else if (hasRoom()) {
                waiting.add(told);
            } else {
                told.unreachable(Unreachable.BUSY);
            }
        }

        private static boolean isTrusted(Http1Connection kept, Told told, boolean full) {
            return switch (told.kept()) {
                case ANY -> true;
                case RECENT -> full || System.nanoTime() - kept.idleSince() < TRUSTED_NANOS;
                case NONE -> false;
            };
        }

        /** Closes a connection, and makes another in its place for who is next. */
        private void replace(Http1Connection kept, Told next) {
            waiting.addFirst(next);
            kept.close();
        }

        private boolean hasRoom() {
            if (waiting.size() >= policy.waiting) {
                waiting.removeIf(told -> !told.isWanted());
            }
            return waiting.size() < policy.waiting;
        }

        /** Who has waited longest, and still does. */
        private @Nullable Told next() {
            Told next = waiting.poll();
            while (next != null && !next.isWanted()) {
                next = waiting.poll();
            }
            return next;
        }

        /** An idle connection makes room, and counts until it is closed. */
        private Optional<Runnable> reserve() {
            if (open >= policy.connections) {
                Http1Connection eldest = idle.pollFirst();
                if (eldest == null) {
                    return Optional.empty();
                }
                eldest.close();
            }
            open++;
            return Optional.of(this::left);
        }

        private void resolve(Told told) {
            URI url = member.url();
            int port = url.getPort() >= 0 ? url.getPort() : "https".equals(url.getScheme()) ? 443 : 80;
            Optional<InetAddress> known = literal(member.address());
            if (known.isPresent()) {
                connect(told, new InetSocketAddress(known.get(), port));
                return;
            }
            policy.vertx
                    .nameResolver()
                    .resolve(eventLoop, member.address())
                    .addListener((Future<InetSocketAddress> f) -> {
                        if (f.isSuccess()) {
                            connect(told, new InetSocketAddress(f.getNow().getAddress(), port));
                        } else {
                            failed(told, Unreachable.REFUSED);
                        }
                    });
        }

        private static Optional<InetAddress> literal(String address) {
            try {
                return Optional.of(InetAddress.ofLiteral(address));
            } catch (IllegalArgumentException _) {
                return Optional.empty();
            }
        }

        private void connect(Told told, InetSocketAddress address) {
            int timeout = Math.toIntExact(policy.origin.timeouts().connect().toMillis());
            SslHandler[] tls = new SslHandler[1];
            var connecting = new Bootstrap()
                    .group(eventLoop)
                    .channelFactory(policy.vertx.transport().channelFactory(false))
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeout)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            policy.tls.ifPresent(context -> {
                                tls[0] = context.newHandler(channel.alloc(), name(), address.getPort());
                                tls[0].setHandshakeTimeoutMillis(timeout);
                                channel.pipeline().addLast(tls[0]);
                            });
                        }
                    })
                    .connect(address);
            connecting.addListener(_ -> {
                if (!connecting.isSuccess()) {
                    failed(told, reason(connecting.cause()));
                } else if (tls[0] == null) {
                    connected(told, connecting.channel());
                } else {
                    tls[0].handshakeFuture().addListener(shaken -> {
                        if (shaken.isSuccess()) {
                            connected(told, connecting.channel());
                        } else {
                            failed(told, reason(shaken.cause()));
                        }
                    });
                }
            });
        }

        /** The name that the origin shows a certificate for. */
        private String name() {
            return policy.origin.tls().name().orElse(member.url().getHost().replaceAll("[\\[\\]]", ""));
        }

        private static Unreachable reason(@Nullable Throwable cause) {
            boolean late = cause instanceof io.netty.channel.ConnectTimeoutException
                    || cause instanceof io.netty.handler.ssl.SslHandshakeTimeoutException
                    || cause instanceof TimeoutException;
            return late ? Unreachable.LATE : Unreachable.REFUSED;
        }

        private void connected(Told told, Channel channel) {
            Http1Connection connection = new Http1Connection(channel, this, policy.largestHead);
            channel.pipeline().addLast(connection);
            if (!channel.isActive()) {
                failed(told, Unreachable.REFUSED);
            } else {
                connection.lend(told);
            }
        }

        private void failed(Told told, Unreachable why) {
            left();
            told.unreachable(why);
        }

        /** There is one connection less: who waits may have another. */
        private void left() {
            open--;
            Told next = open < policy.connections ? next() : null;
            if (next != null) {
                open++;
                resolve(next);
            } else if (open == 0) {
                places.remove(member, this);
            }
        }

        /** A connection has nothing to do. */
        void idle(Http1Connection connection) {
            Told next = next();
            if (next != null && next.kept() == Kept.NONE) {
                replace(connection, next);
            } else if (next != null) {
                connection.lend(next);
            } else if (closed) {
                connection.close();
            } else {
                idle.add(connection);
                sweepSoon();
            }
        }

        /** A connection is closed. */
        void closed(Http1Connection connection) {
            idle.remove(connection);
            left();
        }

        /** Closes what has been idle since before; whether something still is. */
        private boolean sweep(long before) {
            while (!idle.isEmpty() && idle.peekFirst().idleSince() - before <= 0) {
                idle.removeFirst().close();
            }
            return !idle.isEmpty();
        }
    }

    private final EventLoop eventLoop;
    private final Policy policy;
    private final Map<Member, Place> places = new HashMap<>();
    private boolean sweeping;
    private boolean closed;

    Http1Pool(EventLoop eventLoop, Policy policy) {
        this.eventLoop = eventLoop;
        this.policy = policy;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    /** Looks for a connection to an address. */
    void open(Member member, Told told) {
        places.computeIfAbsent(member, Place::new).lease(told);
    }

    /** Takes the place of a connection to an address; what gives it back, nothing if all are taken. */
    Optional<Runnable> reserve(Member member) {
        return places.computeIfAbsent(member, Place::new).reserve();
    }

    private void sweepSoon() {
        if (!sweeping) {
            sweeping = true;
            var _ = eventLoop.schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void sweep() {
        sweeping = false;
        long before = System.nanoTime() - KEPT_NANOS;
        boolean more = false;
        for (Place place : places.values().toArray(new Place[0])) {
            more |= place.sweep(before);
        }
        if (more) {
            sweepSoon();
        }
    }

    /** Closes the connections that are idle, and each other one after its request. */
    void close() {
        closed = true;
        for (Place place : places.values().toArray(new Place[0])) {
            place.sweep(System.nanoTime());
        }
    }
}
