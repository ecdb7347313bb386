package loomgate.server.command;

import java.nio.file.Path;
import java.util.List;

/// By what a master can be told from others.
///
/// @param pid       as it has it itself
/// @param startedAt as [loomgate.server.os.ProcessStart] has it
/// @param files     the INI files that it has read, the one that it was started with first; real paths
public record Identity(int pid, long startedAt, List<Path> files) {

    public Identity {
        files = List.copyOf(files);
    }

    /// Its first INI, as a message has it.
    String ini() {
        return files.isEmpty() ? "no INI file" : files.getFirst().toString();
    }
}
