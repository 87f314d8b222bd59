package io.selvage.wasm;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What a module can import, by the two parts of its name. Immutable and thread-safe. */
public final class Imports {
    private static final Imports NONE = builder().build();

    /** The two parts of an import's name. */
    private record Name(String module, String name) {}

    private final Map<Name, Object> definitions;
    private final boolean stubsMissing;

    private Imports(Map<Name, Object> definitions, boolean stubsMissing) {
        this.definitions = definitions;
        this.stubsMissing = stubsMissing;
    }

    /** Nothing to import. */
    public static Imports none() {
        return NONE;
    }

    /** Begins an empty set. */
    public static Builder builder() {
        return new Builder();
    }

    /** What stands under this name: a {@link HostFunction} or an {@link Extern}. */
    Optional<Object> find(String module, String name) {
        return Optional.ofNullable(definitions.get(new Name(module, name)));
    }

    /** Whether functions that nothing provides are linked to one that traps. */
    boolean stubsMissing() {
        return stubsMissing;
    }

    /** Collects what a module can import; the last definition of a name counts. */
    public static final class Builder {
        private final Map<Name, Object> definitions = new HashMap<>();
        private boolean stubsMissing;

        private Builder() {}

        /** Adds a host function. */
        public Builder function(String module, String name, HostFunction function) {
            definitions.put(new Name(module, name), function);
            return this;
        }

        /** Adds something that an instance exports, or a memory, table or global of the host. */
        public Builder define(String module, String name, Extern extern) {
            definitions.put(new Name(module, name), extern);
            return this;
        }

        /** Adds all exports of an instance under {@code module}. */
        public Builder instance(String module, Instance instance) {
            for (ExportDescriptor export : instance.module().exports()) {
                instance.export(export.name()).ifPresent(extern -> define(module, export.name(), extern));
            }
            return this;
        }

        /**
         * Adds every static method of {@code holder} that has a {@link HostName}; each is of the form that {@link
         * HostFunction#of(MethodHandle)} takes. It is looked up when a guest first calls it, for most guests call few of
         * many, and each costs the JVM a millisecond; one out of the lookup's reach is an {@link
         * IllegalArgumentException} then.
         *
         * @param lookup can reach the methods
         * @throws IllegalArgumentException if a method is not of that form
         */
        public Builder methods(String module, MethodHandles.Lookup lookup, Class<?> holder) {
            for (Method method : holder.getDeclaredMethods()) {
                HostName name = method.getAnnotation(HostName.class);
                if (name != null) {
                    if (!Modifier.isStatic(method.getModifiers())) {
                        throw new IllegalArgumentException("a method with a HostName is static, not as " + method);
                    }
                    MethodType type = MethodType.methodType(method.getReturnType(), method.getParameterTypes());
                    function(module, name.value(), HostFunction.of(type, () -> handle(lookup, method)));
                }
            }
            return this;
        }

        private static MethodHandle handle(MethodHandles.Lookup lookup, Method method) {
            try {
                return lookup.unreflect(method);
            } catch (IllegalAccessException e) {
                throw new IllegalArgumentException("the lookup cannot reach " + method, e);
            }
        }

        /** Adds everything that stands under the module name {@code known} under the name {@code alias} too. */
        public Builder alias(String known, String alias) {
            Map.copyOf(definitions).forEach((name, definition) -> {
                if (name.module.equals(known)) {
                    definitions.put(new Name(alias, name.name), definition);
                }
            });
            return this;
        }

        /** Adds everything in {@code imports}. */
        public Builder addAll(Imports imports) {
            definitions.putAll(imports.definitions);
            stubsMissing |= imports.stubsMissing;
            return this;
        }

        /** Links every function import that nothing provides to a function that traps when it is called. */
        public Builder stubMissing() {
            stubsMissing = true;
            return this;
        }

        /** The finished set; the builder can go on. */
        public Imports build() {
            return new Imports(Map.copyOf(definitions), stubsMissing);
        }
    }
}
