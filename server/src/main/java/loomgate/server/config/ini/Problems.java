package loomgate.server.config.ini;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What is wrong with a configuration, and what is only remarkable. Collected rather than thrown, so that the operator
/// sees everything at once. The same thing said twice is kept once: two settings may be read from one option.
public final class Problems {

    private record Remark(Location at, String message) {
        @Override
        public String toString() {
            return at + ": " + message;
        }
    }

    private final Set<Remark> errors = new LinkedHashSet<>();
    private final Set<Remark> warnings = new LinkedHashSet<>();

    public void error(Location at, String message) {
        errors.add(new Remark(at, message));
    }

    public void warn(Location at, String message) {
        warnings.add(new Remark(at, message));
    }

    /// Takes over everything that others have collected.
    public void addAll(Problems others) {
        errors.addAll(others.errors);
        warnings.addAll(others.warnings);
    }

    /// All errors, `file:line:column: message` each, in the order of the text.
    public List<String> errors() {
        return inTextOrder(errors);
    }

    /// All warnings, as [#errors()].
    public List<String> warnings() {
        return inTextOrder(warnings);
    }

    /// Errors are found in several passes; a reader goes through the file once.
    private List<String> inTextOrder(Set<Remark> remarks) {
        List<String> sources = new ArrayList<>(Stream.concat(errors.stream(), warnings.stream())
                .map(remark -> remark.at().source()).distinct().toList());
        return remarks.stream()
                .sorted(Comparator.<Remark>comparingInt(remark -> sources.indexOf(remark.at().source()))
                        .thenComparingInt(remark -> remark.at().line() == 0 ? Integer.MAX_VALUE : remark.at().line())
                        .thenComparingInt(remark -> remark.at().column()))
                .map(Remark::toString)
                .toList();
    }
}
