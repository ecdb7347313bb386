package loomgate.server.cli;

import java.io.IOException;
import java.util.List;
import loomgate.server.config.Configuration;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Privileges;
import loomgate.server.os.Processes;

/// `no_new_privs` for a server with `uid`. The kernel has this by thread, and a JVM has a dozen before it runs a line of
/// ours: so one thread takes it on and then starts the JVM anew, in the same process.
final class NewPrivileges {

    private NewPrivileges() {}

    /// Whether it is still to be done.
    static boolean areToBeForbidden(Configuration configuration) throws IOException {
        return configuration.master().uid().isPresent() && Privileges.isRoot() && !Privileges.newOnesAreForbidden();
    }

    /// Returns only by throwing.
    static void startAnewWithoutThem() throws IOException {
        Privileges.forbidNewOnes();
        if (!Privileges.newOnesAreForbidden()) {
            throw new IOException("this kernel does not know no_new_privs");
        }
        Processes.become(OwnCommand.again(List.of(new Descriptor(0), new Descriptor(1), new Descriptor(2))));
    }
}
