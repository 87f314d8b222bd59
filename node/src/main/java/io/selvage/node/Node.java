package io.selvage.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.selvage.wasm.Engine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One running node without its sockets: the app that it serves, and the way into the app's functions. A gateway brings
 * requests to it. Thread-safe.
 *
 * <pre>{@code
 * try (Node node = Node.builder().settings(settings).log(log).worlds(worlds).services(services).build()) {
 *     node.deploy(Path.of("selvage.toml"));
 *     node.watch();
 * }
 * }</pre>
 */
public final class Node implements AutoCloseable {
    private final Settings settings;
    private final EventLog log;
    private final NodeMetrics metrics;
    private final Dispatcher dispatcher;
    private final OriginChanges origins;
    private final Releases releases;
    private final ReentrantLock deploying = new ReentrantLock();
    private volatile @Nullable Release release;
    private @Nullable Watcher watcher;
    private Consumer<Release> onReload = _ -> {};
    private volatile @Nullable ReloadFailure failure;
    private volatile Preparation preparation = _ -> () -> {};

    /** What must be ready before a release can serve, besides its functions. */
    @FunctionalInterface
    public interface Preparation {
        /**
         * Makes it ready while the release before still serves.
         *
         * @return what is done as soon as the new release serves
         * @throws ConfigurationException if it cannot be; then the release before goes on
         */
        Runnable prepare(Manifest next);
    }

    private Node(Builder builder) {
        settings = builder.settings;
        log = builder.log;
        metrics = new NodeMetrics(builder.registry);
        dispatcher = new Dispatcher(log, metrics);
        origins = new OriginChanges(settings.get(Setting.STATE));
        releases = new Releases(
                builder.worlds,
                builder.services,
                new ModuleStore(builder.engine),
                builder.rules,
                origins,
                settings.get(Setting.PRELOAD),
                log);
    }

    /** Begins a node with the default settings and nothing else. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Serves an app from now on, in place of the one before; requests that run are not disturbed.
     *
     * @param app a folder with a manifest, a manifest, or a module
     * @throws ConfigurationException with everything that is wrong; then the app before goes on
     */
    public Release deploy(Path app) {
        deploying.lock();
        try {
            Release before = release;
            Release next = releases.make(app, before);
            Runnable rest = prepare(next, before);
            release = next;
            rest.run();
            if (before != null) {
                Set<DeployedFunction> kept = new HashSet<>(next.functions());
                before.functions().stream().filter(f -> !kept.contains(f)).forEach(DeployedFunction::retire);
                Chains.closeOthers(before.chains(), next.chains());
            }
            return next;
        } finally {
            deploying.unlock();
        }
    }

    /**
     * Reads an app and makes it ready, only to say what is wrong with it; it does not serve.
     *
     * @param further looks at those parts of the manifest that can be read, and throws what is wrong with them
     * @return what would serve, closed
     * @throws ConfigurationException with everything that is wrong, one a line
     */
    public Release check(Path app, Consumer<Manifest> further) {
        Release checked = releases.check(app, further);
        checked.functions().forEach(DeployedFunction::retire);
        Chains.closeOthers(checked.chains(), Map.of());
        return checked;
    }

    private Runnable prepare(Release next, @Nullable Release before) {
        try {
            return preparation.prepare(next.manifest());
        } catch (ConfigurationException e) {
            Set<DeployedFunction> kept = before == null ? Set.of() : new HashSet<>(before.functions());
            next.functions().stream().filter(f -> !kept.contains(f)).forEach(DeployedFunction::retire);
            throw e;
        }
    }

    /** Makes {@code preparation} a part of every {@link #deploy} from now on, on the thread that deploys. */
    public void onPrepare(Preparation preparation) {
        this.preparation = preparation;
    }

    /** Follows the files of the deployed app from now on; each change that is good is deployed at once. */
    public void watch() {
        Release deployed = release();
        deploying.lock();
        try {
            if (watcher == null) {
                watcher = new Watcher(deployed.manifest().file(), this);
            }
        } finally {
            deploying.unlock();
        }
    }

    /** Calls {@code action} after each change that {@link #watch} has deployed, on the watcher's thread. */
    public void onReload(Consumer<Release> action) {
        onReload = action;
    }

    /** What serves now. */
    public Release release() {
        Release current = release;
        if (current == null) {
            throw new IllegalStateException("nothing is deployed");
        }
        return current;
    }

    /** Whether there is something that serves. */
    public boolean isDeployed() {
        return release != null;
    }

    /** What it is set to. */
    public Settings settings() {
        return settings;
    }

    /** Where it says what happens. */
    public EventLog log() {
        return log;
    }

    /** What it counts. */
    public NodeMetrics metrics() {
        return metrics;
    }

    /** What was changed of origins while it ran, and is kept. */
    public OriginChanges originChanges() {
        return origins;
    }

    /** The way into functions. */
    public Dispatcher dispatcher() {
        return dispatcher;
    }

    /** Why the newest version of the app does not serve; empty if it does. */
    public Optional<ReloadFailure> reloadFailure() {
        return Optional.ofNullable(failure);
    }

    /** Reads the app again, whether it has changed or not; see {@link #reloadFailure} for what came of it. */
    public void reload() {
        reload(release().manifest().file(), true);
    }

    /**
     * Deploys what changed, or says why it goes on with what it has.
     *
     * @param asked whether somebody waits for an answer; else the same refusal is not told twice
     */
    void reload(Path app, boolean asked) {
        Release before = release();
        try {
            Release next = deploy(app);
            boolean refused = failure != null;
            failure = null;
            if (!next.manifest().equals(before.manifest()) || !next.functions().equals(before.functions())) {
                metrics.reloaded(true);
                log.info(
                        "reload",
                        "loaded the changed app",
                        "app",
                        next.manifest().name(),
                        "functions",
                        next.functions().size());
                onReload.accept(next);
            } else {
                metrics.unchanged();
                if (refused) {
                    log.info(
                            "reload",
                            "the app is in order again: it is what it was before the change that is not loaded",
                            "app",
                            next.manifest().name());
                }
            }
        } catch (ConfigurationException e) {
            List<String> mistakes = String.valueOf(e.getMessage()).lines().toList();
            ReloadFailure last = failure;
            if (!asked && last != null && last.mistakes().equals(mistakes)) {
                return;
            }
            failure = new ReloadFailure(Instant.now(), mistakes);
            metrics.reloaded(false);
            log.error(
                    "reload",
                    "the change is not loaded, the app before it goes on:\n" + e.getMessage(),
                    "app",
                    before.manifest().name());
        }
    }

    /** Stops following changes and closes every function after its last request. */
    @Override
    public void close() {
        Watcher watching = watcher;
        if (watching != null) {
            watching.close();
        }
        Release last = release;
        if (last != null) {
            last.functions().forEach(DeployedFunction::retire);
            Chains.closeOthers(last.chains(), Map.of());
        }
    }

    /** What a node is made of; everything has a default. */
    public static final class Builder {
        private Settings settings = Settings.defaults();
        private EventLog log = EventLog.none();
        private List<World> worlds = List.of();
        private Services services = new Services(List.of());
        private MeterRegistry registry = new SimpleMeterRegistry();
        private Engine engine = Engine.create();
        private RuleBook rules = RuleBook.NONE;

        private Builder() {}

        /** What it is set to; without it, the defaults. */
        public Builder settings(Settings settings) {
            this.settings = settings;
            return this;
        }

        /** Where it says what happens; without it, nowhere. The caller closes it, last of all. */
        public Builder log(EventLog log) {
            this.log = log;
            return this;
        }

        /** The worlds it has; the first that recognises a module gets it. */
        public Builder worlds(List<? extends World> worlds) {
            this.worlds = List.copyOf(worlds);
            return this;
        }

        /** The services it gives to guests. The caller closes them, after the node. */
        public Builder services(Services services) {
            this.services = services;
            return this;
        }

        /** Where it counts; without it, only in memory. */
        public Builder registry(MeterRegistry registry) {
            this.registry = registry;
            return this;
        }

        /** What applies the rules of routes; without it, an app that has some is refused. */
        public Builder rules(RuleBook rules) {
            this.rules = rules;
            return this;
        }

        /** The engine that loads modules; without it, one of its own. */
        public Builder engine(Engine engine) {
            this.engine = engine;
            return this;
        }

        /** The node; it serves nothing until {@link Node#deploy}. */
        public Node build() {
            return new Node(this);
        }
    }
}
