package loomgate.api.testing;

import java.util.Map;
import loomgate.api.AppContext;

/// An [AppContext] with the values that a test chooses.
///
/// @param variables copied
public record TestContext(Map<String, String> variables, int worker, int generation, boolean isDraining)
        implements AppContext {

    /// @throws IllegalArgumentException if the worker's number or the generation is not positive
    public TestContext {
        variables = Map.copyOf(variables);
        if (worker < 1 || generation < 1) {
            throw new IllegalArgumentException(
                    "worker and generation are counted from 1: " + worker + ", " + generation);
        }
    }

    /// The first worker of the first generation, with the given variables.
    public static TestContext of(Map<String, String> variables) {
        return new TestContext(variables, 1, 1, false);
    }
}
