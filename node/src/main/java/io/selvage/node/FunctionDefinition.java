package io.selvage.node;

import java.util.List;
import java.util.Map;

/**
 * One function of an app, as its manifest says.
 *
 * @param app the app's name
 * @param name the function's name, unique within its app
 * @param environment the environment variables that the guest sees, variables of the app filled in
 * @param variables the values of the app's variables that the function has a grant for, by name
 * @param limits what it may use
 * @param grants for each service by name (for example {@code kv}), the resources that the function may use
 */
public record FunctionDefinition(
        String app,
        String name,
        Map<String, String> environment,
        Map<String, String> variables,
        FunctionLimits limits,
        Map<String, List<String>> grants) {
    /** The resources of {@code service} that it may use; empty without a grant. */
    public List<String> grants(String service) {
        return grants.getOrDefault(service, List.of());
    }
}
