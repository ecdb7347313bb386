package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A program to run: what `execve` and `posix_spawn` need to know.
///
/// @param path        the executable
/// @param arguments   with the program's own name as the first
/// @param environment all of it: nothing is inherited beside it
/// @param directory   where it starts
/// @param descriptors what it has open: the first as 0, the second as 1, and so on; nothing else
public record Program(
        Path path,
        List<String> arguments,
        Map<String, String> environment,
        Path directory,
        List<Descriptor> descriptors) {

    public Program {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
        descriptors = List.copyOf(descriptors);
    }

    MemorySegment argv(Arena arena) {
        return strings(arena, arguments);
    }

    MemorySegment envp(Arena arena) {
        return strings(
                arena,
                environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    }

    /// A NULL-terminated array of C strings.
    private static MemorySegment strings(Arena arena, List<String> strings) {
        MemorySegment array = arena.allocate(ValueLayout.ADDRESS, strings.size() + 1L);
        for (int i = 0; i < strings.size(); i++) {
            array.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(strings.get(i)));
        }
        return array;
    }
}
