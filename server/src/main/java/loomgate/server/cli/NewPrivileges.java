package loomgate.server.cli;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import loomgate.server.config.Configuration;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Privileges;
import loomgate.server.os.Processes;

/// `no_new_privs` for a server with `uid`. The kernel has this by thread, and a JVM has a dozen before it runs a line
/// of ours: so one thread takes it on and then starts the JVM anew, in the same process.
final class NewPrivileges {

    private static final Set<String> ROOT = Set.of("root", "0");

    private NewPrivileges() {}

    /// Whether it is still to be done.
    static boolean areToBeForbidden(Configuration configuration) throws IOException {
        return configuration.master().uid().filter(uid -> !ROOT.contains(uid)).isPresent()
                && Privileges.isRoot() && !Privileges.newOnesAreForbidden();
    }

    /// Returns only by throwing.
    static void startAnewWithoutThem() throws IOException {
        Privileges.forbidNewOnes();
        if (!Privileges.newOnesAreForbidden()) {
            throw new IOException("this kernel does not know no_new_privs");
        }
        List<Descriptor> descriptors = IntStream.range(0, 3 + inheritedSockets()).mapToObj(Descriptor::new).toList();
        Processes.become(OwnCommand.again(descriptors));
    }

    /// Those that systemd has opened for this process, from descriptor 3 on.
    private static int inheritedSockets() {
        String count = System.getenv().getOrDefault("LISTEN_FDS", "0");
        boolean areOurs = Long.toString(ProcessHandle.current().pid()).equals(System.getenv("LISTEN_PID"));
        return areOurs && count.matches("[0-9]{1,3}") ? Integer.parseInt(count) : 0;
    }
}
