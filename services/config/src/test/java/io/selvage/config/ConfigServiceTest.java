package io.selvage.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.ConfigurationException;
import io.selvage.node.FunctionDefinition;
import io.selvage.node.FunctionLimits;
import io.selvage.node.Services;
import io.selvage.node.Variable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigServiceTest {
    @Test
    void aFunctionSeesTheVariablesItHasAGrantFor() {
        FunctionDefinition function = function("greeting", "limit");
        Map<String, Variable> granted = new Services(List.of(new ConfigService())).granted(function, Variable.class);
        assertEquals(List.of("greeting", "limit"), List.copyOf(granted.keySet()));
        assertEquals(new Variable("greeting", "hello"), granted.get("greeting"));
    }

    @Test
    void aFunctionWithoutAGrantSeesNone() {
        assertTrue(new Services(List.of(new ConfigService()))
                .granted(function(), Variable.class)
                .isEmpty());
    }

    @Test
    void aVariableThatIsNotThereIsNamed() {
        String message = assertThrows(
                        ConfigurationException.class, () -> new ConfigService().open(function("greting"), "greting"))
                .getMessage();
        assertEquals(
                "function \"cart\": there is no variable \"greting\"; give it a value under [variables], where there is"
                        + " greeting, limit",
                message);
    }

    private static FunctionDefinition function(String... grants) {
        return new FunctionDefinition(
                "shop",
                "cart",
                Map.of(),
                Map.of("greeting", "hello", "limit", "3"),
                FunctionLimits.DEFAULT,
                Map.of("variables", List.of(grants)));
    }
}
