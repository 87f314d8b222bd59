package io.selvage.node;

import io.selvage.wasm.LinkException;
import io.selvage.wasm.Module;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes releases of manifests, and takes over from the one before every function that is still the same. */
final class Releases {
    private final List<World> worlds;
    private final Services services;
    private final ModuleStore modules;
    private final RuleBook rules;
    private final OriginChanges origins;
    private final int preload;
    private final EventLog log;

    Releases(
            List<World> worlds,
            Services services,
            ModuleStore modules,
            RuleBook rules,
            OriginChanges origins,
            int preload,
            EventLog log) {
        this.rules = rules;
        this.origins = origins;
        this.worlds = worlds;
        this.services = services;
        this.modules = modules;
        this.preload = preload;
        this.log = log;
    }

    /**
     * Reads an app and makes it ready to serve.
     *
     * @param before the release that serves now, or null
     * @throws ConfigurationException with everything that is wrong
     */
    Release make(Path app, @Nullable Release before) {
        return make(read(app).whole(), added(app), before);
    }

    /**
     * Makes an app ready only to say everything that is wrong with it: what can be said of its parts is said even if others
     * of them have mistakes.
     *
     * @param further looks at the parts of the manifest that can be read
     * @throws ConfigurationException with everything that is wrong
     */
    Release check(Path app, Consumer<Manifest> further) {
        ManifestReader.Draft draft = read(app);
        List<String> mistakes = new ArrayList<>(draft.mistakes().lines().toList());
        Optional<Release> made = Optional.empty();
        try {
            made = Optional.of(make(draft.manifest(), added(app), null));
        } catch (ConfigurationException e) {
            String.valueOf(e.getMessage()).lines().forEach(mistakes::add);
        }
        try {
            further.accept(draft.manifest());
        } catch (ConfigurationException e) {
            String.valueOf(e.getMessage()).lines().forEach(mistakes::add);
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(mistakes.stream().distinct().collect(Collectors.joining("\n")));
        }
        return made.orElseThrow();
    }

    private ManifestReader.Draft read(Path app) {
        List<String> names = worlds.stream().map(World::name).toList();
        return new ManifestReader(new Manifest.Known(names, services.names(), added(app))).read(app);
    }

    /** The origins that were added while the node ran. */
    private Map<String, OriginDefinition> added(Path app) {
        return origins.applied(Files.isDirectory(app) ? app.resolve(Manifest.FILE_NAME) : app, Map.of());
    }

    private Release make(Manifest manifest, Map<String, OriginDefinition> added, @Nullable Release before) {
        Map<String, DeployedFunction> old = new HashMap<>();
        if (before != null) {
            before.functions().forEach(f -> old.put(f.definition().name(), f));
        }
        Router.Builder<Endpoint> router = Router.builder();
        List<DeployedFunction> functions = new ArrayList<>();
        List<String> mistakes = new ArrayList<>();
        Chains chains = new Chains(rules, before);
        for (Manifest.Entry entry : manifest.functions()) {
            try {
                DeployedFunction function =
                        function(entry, old.get(entry.definition().name()));
                functions.add(function);
                for (Manifest.PlacedRoute r : entry.routes()) {
                    RuleChain chain = chains.of(r.route(), manifest.defaults(), r.place());
                    router.add(
                            r.route(),
                            new Endpoint(function, chain),
                            r.place(),
                            entry.definition().name());
                }
            } catch (ConfigurationException e) {
                mistakes.add(at(entry, e.getMessage()));
            }
        }
        for (Manifest.RouteEntry entry : manifest.routes()) {
            try {
                Endpoint endpoint = new Endpoint(
                        destination(entry, functions),
                        chains.of(entry.route(), entry.rules(), entry.place()),
                        shadow(entry, manifest, functions, added));
                router.add(entry.route(), endpoint, entry.place(), entry.destination());
            } catch (ConfigurationException e) {
                mistakes.add(String.valueOf(e.getMessage()));
            }
        }
        if (mistakes.isEmpty()) {
            load(manifest, functions, mistakes);
        }
        if (!mistakes.isEmpty()) {
            Set<DeployedFunction> kept = new HashSet<>(old.values());
            functions.stream().filter(f -> !kept.contains(f)).forEach(DeployedFunction::retire);
            chains.closeNew();
            throw new ConfigurationException(String.join("\n", mistakes));
        }
        return new Release(manifest, router.build(), List.copyOf(functions), chains.all());
    }

    private static Optional<Shadow> shadow(
            Manifest.RouteEntry entry,
            Manifest manifest,
            List<DeployedFunction> functions,
            Map<String, OriginDefinition> added) {
        return entry.shadow()
                .flatMap(rule -> rule.origin()
                        .flatMap(name -> Optional.ofNullable(manifest.origins().get(name))
                                .or(() -> Optional.ofNullable(added.get(name))))
                        .<Destination>map(
                                origin -> new OriginRoute(entry.route(), origin, Optional.empty(), Delivery.PLAIN))
                        .or(() -> functions.stream()
                                .filter(f -> rule.function()
                                        .filter(f.definition().name()::equals)
                                        .isPresent())
                                .findFirst())
                        .map(destination -> new Shadow(entry.route().path(), rule, destination)));
    }

    private static Destination destination(Manifest.RouteEntry entry, List<DeployedFunction> functions) {
        if (entry.origin().isPresent()) {
            return new OriginRoute(entry.route(), entry.origin().get(), entry.cache(), entry.delivery());
        }
        boolean plain = entry.cache().isEmpty() && entry.delivery().equals(Delivery.PLAIN);
        return functions.stream()
                .filter(f ->
                        entry.function().filter(f.definition().name()::equals).isPresent())
                .<Destination>map(
                        f -> plain ? f : new ProxiedFunction(entry.route(), f, entry.cache(), entry.delivery()))
                .findFirst()
                .orElseGet(Nowhere::new);
    }

    private DeployedFunction function(Manifest.Entry entry, @Nullable DeployedFunction old) {
        String digest =
                modules.digest(entry.source()) + entry.world().map(w -> " " + w).orElse("");
        if (old != null && old.digest().equals(digest) && old.definition().equals(entry.definition())) {
            return old;
        }
        return new DeployedFunction(
                entry.definition(), digest, () -> prepare(entry), message -> log.warn("close", message));
    }

    /** Loads before the first request what is not too much to load. */
    private void load(Manifest manifest, List<DeployedFunction> functions, List<String> mistakes) {
        Set<String> digests = new HashSet<>();
        functions.forEach(f -> digests.add(f.digest()));
        if (digests.size() > preload) {
            return;
        }
        for (int i = 0; i < functions.size(); i++) {
            try {
                functions.get(i).guest();
            } catch (ConfigurationException e) {
                mistakes.add(at(manifest.functions().get(i), e.getMessage()));
            }
        }
    }

    private World.Guest prepare(Manifest.Entry entry) {
        Module module = modules.load(entry.source(), entry.definition().limits().compile());
        World world = world(entry, module);
        try {
            return world.prepare(entry.definition(), module, services);
        } catch (LinkException e) {
            throw new ConfigurationException(entry.source() + ": the world " + world.name()
                    + " does not have what the module needs: " + e.getMessage());
        }
    }

    private World world(Manifest.Entry entry, Module module) {
        Optional<World> found = entry.world().isPresent()
                ? worlds.stream()
                        .filter(w -> w.name().equals(entry.world().get()))
                        .findFirst()
                : worlds.stream().filter(w -> w.recognizes(module)).findFirst();
        return found.orElseThrow(
                () -> new ConfigurationException(
                        entry.source()
                                + ": the module fits no world of this node ("
                                + String.join(
                                        ", ", worlds.stream().map(World::name).toList())
                                + "); for cgi it must be a WASI command, that is, export \"_start\" and import from wasi_snapshot_preview1"));
    }

    private static String at(Manifest.Entry entry, @Nullable String message) {
        return entry.sourcePlace().line() == 0
                ? String.valueOf(message)
                : entry.sourcePlace() + ": function.source: " + message;
    }
}
