package loomgate.server.master;

import java.io.IOException;
import java.util.List;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Program;

/// The command that this process was started by, as it runs what is installed by now.
public interface OwnProgram {

    /// One that says, by its exit status, whether it could go on with what this master leaves.
    ///
    /// @param descriptors standard input, output and error, and the [Heritage] as the last
    Program candidate(List<Descriptor> descriptors) throws IOException;

    /// The one that goes on with it, in this process.
    ///
    /// @param descriptors that it has under the same numbers, the heritage among them
    Program successor(Descriptor heritage, List<Descriptor> descriptors) throws IOException;
}
