package loomgate.server.config.ini;

import java.util.Arrays;
import java.util.List;

/// The keys that belong to the dialect itself, with their other spellings.
public enum Directive {
    INCLUDE("ini", "include"),
    SET("set"),
    PLACEHOLDER("set-ph", "set-placeholder");

    private final List<String> names;

    Directive(String... names) {
        this.names = List.of(names);
    }

    public String key() {
        return names.getFirst();
    }

    public List<String> otherNames() {
        return names.subList(1, names.size());
    }

    /// Whether a key is this one.
    public boolean has(String key) {
        return names.contains(key);
    }

    static boolean isOne(String key) {
        return Arrays.stream(values()).anyMatch(directive -> directive.has(key));
    }
}
