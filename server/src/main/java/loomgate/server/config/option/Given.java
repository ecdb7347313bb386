package loomgate.server.config.option;

import java.util.List;
import java.util.Map;
import loomgate.server.config.ini.Entry.Origin;
import loomgate.server.config.ini.Problems;
import loomgate.server.config.ini.Value;

/// What was said about options, expanded but not yet parsed, and where to report what is wrong with it.
///
/// @param values      by the option's name, in order
/// @param directories what relative paths are relative to
/// @param problems    takes what is wrong with a value
public record Given(Map<String, List<Value>> values, Directories directories, Problems problems) {

    /// Everything said about an option.
    public List<Value> all(Option<?> option) {
        return values.getOrDefault(option.name(), List.of());
    }

    /// What counts of it: the command line's word if it has one, else the files'; of several values of an option that
    /// takes one, the last.
    public List<Value> counting(Option<?> option) {
        List<Value> all = all(option);
        List<Value> commandLine = all.stream().filter(value -> value.entry().origin() == Origin.COMMAND_LINE).toList();
        List<Value> counting = commandLine.isEmpty() ? all : commandLine;
        return option.isRepeatable() || counting.isEmpty() ? counting : List.of(counting.getLast());
    }

    /// Whether anything was said about an option.
    public boolean has(Option<?> option) {
        return !all(option).isEmpty();
    }
}
