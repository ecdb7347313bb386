package loomgate.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import loomgate.server.control.ExitCode;

/// Finds the master that the operator means, and asks nobody for anything but its name.
public final class MasterSearch {

    private final Sockets sockets;
    private final Introduction introduction;

    /// Where masters listen: the pids in the names of their sockets.
    interface Sockets {
        List<Integer> pids() throws IOException;
    }

    /// Has the master with that pid say who it is.
    interface Introduction {
        RunningMaster of(int pid) throws CommandException;
    }

    MasterSearch(Sockets sockets, Introduction introduction) {
        this.sockets = sockets;
        this.introduction = introduction;
    }

    /// Among those of this machine, or of this network name space, to be exact.
    public static MasterSearch here() {
        return new MasterSearch(MasterSockets::pids, RunningMaster::named);
    }

    public RunningMaster withPid(int pid) throws CommandException {
        if (pid == 0) {
            throw CommandException.noMaster("that is no pid; nobody was asked");
        }
        return introduction.of(pid);
    }

    /// The master whose pid a file holds. A file that is stale, or foreign, leads to nobody.
    public RunningMaster withPidFile(Path file) throws CommandException {
        int pid = Target.pidIn(file);
        try {
            return introduction.of(pid);
        } catch (CommandException e) {
            throw new CommandException(e.code(), e.getMessage() + " (the pid is from " + file
                    + (e.code() == ExitCode.NO_MASTER ? ", which seems to be stale)" : ")"));
        }
    }

    /// The master that was started with an INI.
    ///
    /// @param pidFile what it has as `pidfile`: believed, if it leads to a master with this INI
    public RunningMaster withIni(Identity.Ini ini, Optional<Path> pidFile) throws CommandException {
        if (pidFile.isPresent()) {
            Optional<RunningMaster> believed = believed(ini, pidFile.get());
            if (believed.isPresent()) {
                return believed.get();
            }
        }
        List<RunningMaster> masters = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        introduceAll(masters, silent);
        List<RunningMaster> ours = masters.stream().filter(master -> master.identity().hasIni(ini)).toList();
        if (ours.isEmpty()) {
            throw CommandException.noMaster("no master runs with " + ini + others(masters) + unheard(silent));
        }
        if (ours.size() > 1) {
            throw CommandException.noMaster(ours.size() + " masters run with " + ini + ": "
                    + ours.stream().map(master -> Integer.toString(master.pid())).collect(Collectors.joining(", "))
                    + "; nobody was asked. Name the pid, or the pid file");
        }
        return ours.getFirst();
    }

    /// A pid file may hold the pid of a master of another INI, if it was copied, or is shared.
    private Optional<RunningMaster> believed(Identity.Ini ini, Path pidFile) {
        try {
            RunningMaster master = withPidFile(pidFile);
            return master.identity().hasIni(ini) ? Optional.of(master) : Optional.empty();
        } catch (CommandException _) {
            return Optional.empty();
        }
    }

    private void introduceAll(List<RunningMaster> masters, List<String> silent) throws CommandException {
        try {
            for (int pid : sockets.pids()) {
                try {
                    masters.add(introduction.of(pid));
                } catch (CommandException e) {
                    silent.add(e.getMessage());
                }
            }
        } catch (IOException e) {
            throw CommandException.noMaster("/proc/net/unix cannot be read: " + e.getMessage() + "; name the pid");
        }
    }

    private static String others(List<RunningMaster> masters) {
        return masters.isEmpty() ? "" : "; of others there " + (masters.size() == 1 ? "is " : "are ")
                + masters.stream().map(master -> master.pid() + " with " + master.identity().iniNamed())
                        .collect(Collectors.joining(", "));
    }

    private static String unheard(List<String> silent) {
        return silent.isEmpty() ? "" : "; " + String.join("; ", silent);
    }
}
