package loomgate.server.master;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import loomgate.server.config.MasterSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.os.OsException;
import loomgate.server.os.Privileges;
import loomgate.server.os.Users;
import loomgate.server.os.Users.User;

/// Whom the server is to run as, by `uid` and `gid`.
///
/// @param identity what the kernel is told
/// @param user     what is known of the user; nothing if it is but a number
record ServerUser(Privileges.Identity identity, Optional<User> user) {

    private static final List<String> VARIABLES = List.of("HOME", "USER", "LOGNAME");

    /// Finds out; nobody if neither option is given.
    ///
    /// @throws StartException if there is no such user or group, or this process cannot become that
    static Optional<ServerUser> of(MasterSettings settings) throws StartException, IOException {
        if (settings.uid().isEmpty() && settings.gid().isEmpty()) {
            return Optional.empty();
        }
        int uid = Privileges.user();
        Optional<User> user = settings.uid().isPresent() ? Users.named(settings.uid().get()) : Users.numbered(uid);
        if (settings.uid().isPresent() && user.isEmpty()) {
            uid = number(settings.uid().get())
                    .orElseThrow(() -> wrong("uid = " + settings.uid().get() + ": there is no such user"));
            user = Users.numbered(uid);
        }
        uid = user.isPresent() ? user.get().uid() : uid;
        int gid = group(settings, user);
        ServerUser wished = new ServerUser(new Privileges.Identity(uid, gid, user.map(User::name)), user);
        wished.requireAllowed(settings);
        return Optional.of(wished);
    }

    private static int group(MasterSettings settings, Optional<User> user) throws StartException, IOException {
        if (settings.gid().isPresent()) {
            String wanted = settings.gid().get();
            OptionalInt known = Users.group(wanted);
            return known.isPresent() ? known.getAsInt()
                    : number(wanted).orElseThrow(() -> wrong("gid = " + wanted + ": there is no such group"));
        }
        return user.map(User::gid).orElseThrow(() -> wrong("uid = " + settings.uid().orElse("")
                + " is a number that no user has, so its group is not known: give gid as well"));
    }

    private static Optional<Integer> number(String text) {
        // the largest number means nobody at all to the kernel
        return text.matches("[0-9]{1,9}") ? Optional.of(Integer.parseInt(text)) : Optional.empty();
    }

    private void requireAllowed(MasterSettings settings) throws StartException, IOException {
        if (!Privileges.isRoot() && !isCurrent()) {
            String asked = settings.uid().map(uid -> "uid = " + uid).orElse("")
                    + (settings.uid().isPresent() && settings.gid().isPresent() ? " and " : "")
                    + settings.gid().map(gid -> "gid = " + gid).orElse("");
            int uid = Privileges.user();
            throw wrong(asked + " needs root: this was started by user "
                    + Users.numbered(uid).map(User::name).orElse(Integer.toString(uid)) + " with group "
                    + Privileges.group() + ", who cannot become another");
        }
    }

    private boolean isCurrent() throws IOException {
        return identity.uid() == Privileges.user() && identity.gid() == Privileges.group();
    }

    private boolean isRoot() {
        return identity.uid() == 0;
    }

    /// Becomes that user, for good; and neither this process nor a worker can get more rights again.
    void become() throws StartException, IOException {
        if (!isRoot()) {
            Privileges.forbidNewOnes();
            if (isCurrent()) {
                return;
            }
        }
        try {
            forgetPerformanceData();
            Privileges.become(identity);
        } catch (OsException e) {
            throw wrong("cannot run as " + this + ": " + e.getMessage()
                    + "; root in this place has not the capabilities CAP_SETUID and CAP_SETGID");
        }
    }

    /// The file in which the JVM publishes its counters could not be removed at the end.
    private static void forgetPerformanceData() throws IOException {
        Path folder = Path.of("/tmp", "hsperfdata_" + System.getProperty("user.name"));
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && (int) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS) == Privileges.user()) {
            Files.deleteIfExists(folder.resolve(Long.toString(ProcessHandle.current().pid())));
        }
    }

    /// Looks whether that user could use what every worker needs: better now than by a JVM that does not start.
    void requireAccess(WorkerProgram program) throws StartException, IOException {
        if (!Privileges.isRoot() || isRoot()) {
            return;
        }
        Path[] last = new Path[1];
        try {
            Privileges.tryAs(identity, () -> {
                last[0] = program.directory();
                enter(program.directory());
                for (Path path : program.files()) {
                    last[0] = path;
                    read(path);
                }
            });
        } catch (AccessDeniedException _) {
            throw wrong(this + " may not " + (last[0].equals(program.directory()) ? "enter " : "read ") + last[0]
                    + barrier(last[0]).map(path -> ": " + path + " is closed to that user").orElse(""));
        } catch (OsException e) {
            throw wrong("cannot run as " + this + ": " + e.getMessage());
        }
    }

    private static void enter(Path directory) throws IOException {
        Files.readAttributes(directory.resolve("."), "size"); // which takes the permission to search it
    }

    private static void read(Path path) throws IOException {
        try {
            Files.newDirectoryStream(path).close();
        } catch (NotDirectoryException _) {
            Files.newInputStream(path).close();
        }
    }

    /// The directory on the way to a path that keeps the user out.
    private Optional<Path> barrier(Path path) throws IOException {
        for (Path directory = path.getRoot(); !directory.equals(path);
                directory = directory.resolve(directory.relativize(path).getName(0))) {
            Path next = directory;
            try {
                Privileges.tryAs(identity, () -> enter(next));
            } catch (AccessDeniedException _) {
                return Optional.of(next);
            }
        }
        return Optional.empty();
    }

    /// Makes a worker's environment that user's.
    void adapt(Map<String, String> environment) {
        VARIABLES.forEach(environment::remove);
        user.ifPresent(known -> {
            environment.put("HOME", known.home());
            environment.put("USER", known.name());
            environment.put("LOGNAME", known.name());
        });
    }

    @Override
    public String toString() {
        return user.map(known -> "user " + known.name() + " (" + identity.uid() + ")").orElse("user " + identity.uid())
                + ", group " + identity.gid();
    }

    private static StartException wrong(String problem) {
        return new StartException(ExitCode.CONFIGURATION_WRONG, problem);
    }
}
