package loomgate.server.os;

/// Which process of which user is at the other end of a unix socket, as the kernel says.
///
/// @param process its pid
/// @param user    its effective uid
public record PeerCredentials(int process, int user) {

    private static final CFunction GETEUID = Libc.function("geteuid");
    private static final int ROOT = 0;

    /// The effective uid of this process, now.
    public static int ownUser() {
        try {
            return (int) Libc.call("geteuid", (_, errno) -> Integer.toUnsignedLong(GETEUID.asInt(errno)));
        } catch (OsException e) {
            throw new IllegalStateException("geteuid cannot fail", e);
        }
    }

    /// Whether the user is root, or the one that this process belongs to.
    public boolean isOurs() {
        return user == ROOT || user == ownUser();
    }

    @Override
    public String toString() {
        return "process " + process + " of the user " + Integer.toUnsignedString(user);
    }
}
