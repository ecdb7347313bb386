package loomgate.server.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// The names of masters among those of all unix sockets.
final class MasterSockets {

    static final String PREFIX = "loomgate/";

    private static final Path ALL = Path.of("/proc/net/unix");

    /// The listening ones alone: a connection has its server's name too.
    private static final Pattern LISTENING = Pattern.compile(
            "^\\S+: \\S+ \\S+ 00010000 0001 01 +\\d+ @" + PREFIX + "([1-9][0-9]{0,8})$", Pattern.MULTILINE);

    private MasterSockets() {}

    /// The pids in the names, in ascending order.
    static List<Integer> pids() throws IOException {
        return pids(Files.readString(ALL, StandardCharsets.ISO_8859_1));
    }

    /// @param text of `/proc/net/unix`
    static List<Integer> pids(String text) {
        return LISTENING.matcher(text).results().map(match -> Integer.parseInt(match.group(1))).distinct().sorted()
                .toList();
    }
}
