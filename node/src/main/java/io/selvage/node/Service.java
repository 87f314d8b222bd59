package io.selvage.node;

/**
 * Something that the node gives guests. It is written once and offered through every world that has an interface for
 * it; a world asks for what it offers by the Java type of the resource, for example {@link KeyValueStore}. Thread-safe.
 *
 * @param <R> the type of its resources
 */
public interface Service<R> extends AutoCloseable {
    /** The name in manifests' grants, for example {@code kv}. */
    String name();

    /** The type of its resources. */
    Class<R> resourceType();

    /**
     * The resource of this name for this function, which has a grant for it.
     *
     * @throws ConfigurationException if there can be none of this name
     */
    R open(FunctionDefinition function, String resource);

    /** Gives back what it holds; nothing acknowledged is lost. */
    @Override
    void close();
}
