package io.selvage.config;

import io.selvage.node.ConfigurationException;
import io.selvage.node.FunctionDefinition;
import io.selvage.node.Service;
import io.selvage.node.Variable;
import java.util.Map;
import java.util.TreeSet;

/**
 * The service {@code variables}: offers a function the variables of its app that it has a grant for.
 *
 * <p>The values come with the {@linkplain FunctionDefinition#variables function}, so that they change with its release
 * and never under a request. Thread-safe; it holds nothing.
 */
public final class ConfigService implements Service<Variable> {
    @Override
    public String name() {
        return "variables";
    }

    @Override
    public Class<Variable> resourceType() {
        return Variable.class;
    }

    @Override
    public Variable open(FunctionDefinition function, String resource) {
        Map<String, String> variables = function.variables();
        String value = variables.get(resource);
        if (value == null) {
            throw new ConfigurationException("function \"" + function.name() + "\": there is no variable \"" + resource
                    + "\"; give it a value under [variables]"
                    + (variables.isEmpty()
                            ? ""
                            : ", where there is " + String.join(", ", new TreeSet<>(variables.keySet()))));
        }
        return new Variable(resource, value);
    }

    @Override
    public void close() {}
}
