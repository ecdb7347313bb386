package loomgate.server.command;

import java.nio.file.Path;
import java.util.List;

/// By what a master can be told from others.
///
/// @param pid       as it has it itself
/// @param startedAt as [loomgate.server.os.ProcessStart] has it
/// @param ini       what it was started with: absolute, but links in it may lead elsewhere by now; empty if nothing
/// @param files     the INI files that it has read, that one first; real paths
public record Identity(int pid, long startedAt, Path ini, List<Path> files) {

    public Identity {
        files = List.copyOf(files);
    }

    /// Whether it was started with an INI: the same path, or another that leads to the same file.
    boolean hasIni(Ini asked) {
        return !files.isEmpty() && (ini.equals(asked.path()) || files.getFirst().equals(asked.realPath()));
    }

    /// As a message has it.
    String iniNamed() {
        return files.isEmpty() ? "no INI" : ini.toString();
    }

    /// An INI that the operator names.
    ///
    /// @param path     absolute, with its links
    /// @param realPath where they lead now
    public record Ini(Path path, Path realPath) {

        @Override
        public String toString() {
            return realPath.toString();
        }
    }
}
