package loomgate.server.config;

import java.util.List;

/// A configuration that the server does not start with. Holds everything that is wrong with it.
public final class ConfigException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /// `file:line:column: message` each, in the order of the text.
    public List<String> problems() {
        return problems;
    }
}
