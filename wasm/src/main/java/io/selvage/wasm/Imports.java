package io.selvage.wasm;

import java.lang.invoke.MethodHandles;
import java.util.Optional;

/** What a module can import, by the two parts of its name. Immutable and thread-safe. */
public final class Imports {
    private Imports() {}

    /** Nothing to import. */
    public static Imports none() {
        return builder().build();
    }

    /** Begins an empty set. */
    public static Builder builder() {
        return new Builder();
    }

    /** What stands under this name: a {@link HostFunction} or an {@link Extern}. */
    Optional<Object> find(String module, String name) {
        return Optional.empty();
    }

    /** Collects what a module can import; the last definition of a name counts. */
    public static final class Builder {
        private Builder() {}

        /** Adds a host function. */
        public Builder function(String module, String name, HostFunction function) {
            return this;
        }

        /** Adds something that an instance exports, or a memory, table or global of the host. */
        public Builder define(String module, String name, Extern extern) {
            return this;
        }

        /** Adds all exports of an instance under {@code module}. */
        public Builder instance(String module, Instance instance) {
            return this;
        }

        /**
         * Adds every static method of {@code holder} that has a {@link HostName}; each is of the form that {@link
         * HostFunction#of(java.lang.invoke.MethodHandle)} takes.
         *
         * @param lookup can reach the methods
         * @throws IllegalArgumentException if a method is not of that form or out of the lookup's reach
         */
        public Builder methods(String module, MethodHandles.Lookup lookup, Class<?> holder) {
            return this;
        }

        /** Adds everything in {@code imports}. */
        public Builder addAll(Imports imports) {
            return this;
        }

        /** Links every function import that nothing provides to a function that traps when it is called. */
        public Builder stubMissing() {
            return this;
        }

        /** The finished set; the builder can go on. */
        public Imports build() {
            return new Imports();
        }
    }
}
