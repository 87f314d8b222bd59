package io.selvage.node;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The services of a node. Immutable and thread-safe. */
public final class Services {
    private final List<Service<?>> services;

    /** These services, each of a type of resource of its own. */
    public Services(List<Service<?>> services) {
        this.services = List.copyOf(services);
    }

    /**
     * The resources of one type that a function has grants for, by name, in the manifest's order; empty if it has none
     * or the node has no such service.
     */
    public <R> Map<String, R> granted(FunctionDefinition function, Class<R> type) {
        Map<String, R> granted = new LinkedHashMap<>();
        for (Service<?> service : services) {
            if (service.resourceType() == type) {
                for (String name : function.grants(service.name())) {
                    granted.put(name, type.cast(service.open(function, name)));
                }
            }
        }
        return granted;
    }

    /** The names that grants can use. */
    public List<String> names() {
        return services.stream().map(Service::name).toList();
    }
}
