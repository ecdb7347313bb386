package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import loomgate.server.config.ListenAddress.Passed;
import loomgate.server.config.ListenAddress.Tcp;
import loomgate.server.config.ListenAddress.UnixAbstract;
import loomgate.server.config.ListenAddress.UnixPath;
import loomgate.server.config.ini.Value;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.InvalidValue;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.ValueKind;
import loomgate.server.config.option.Values;

/// One socket that the server listens on.
///
/// @param kind    the protocol spoken on it
/// @param address where
/// @param backlog how many connections the kernel keeps for us until they are accepted
/// @param mode    permission bits; only for unix sockets with a path
/// @param owner   `user` or `user:group`, names or numbers; only for unix sockets with a path
public record ListenerSettings(
        Kind kind, ListenAddress address, int backlog, OptionalInt mode, Optional<String> owner) {

    /// The protocol spoken on a listener.
    public enum Kind { UWSGI, HTTP }

    static final Option<ListenAddress> SOCKET = option("socket", ListenAddress.KIND)
            .in(Chapter.LISTENERS).alias("uwsgi-socket").letter('s').repeatable()
            .summary("Listens for the uwsgi protocol: nginx's uwsgi_pass.")
            .prose("""
                    A unix socket: `/run/app/app.sock`, or `app.sock` in `chdir`; `@name` for one of Linux's abstract \
                    name space. TCP: `127.0.0.1:3031`, `localhost:3031`, `[::1]:3031`, `:3031` or `*:3031` for all \
                    addresses of IPv4, `[::]:3031` for all of IPv6; port 0 lets the kernel choose. `systemd:NAME` for \
                    a socket that systemd opens; one that it opens at the same address is found without that. May be \
                    given several times, and together with `http`.

                    Let nobody but nginx connect here, by `chmod-socket`, `allow` or `secret`: the server believes \
                    what the other end says about the client.""")
            .uwsgi("""
                    A bare number such as `8000` is an error (uWSGI makes a unix socket of that name), as are \
                    `fd://`, `=0` and addresses with a wild card.""")
            .declared();

    static final Option<ListenAddress> HTTP = option("http", ListenAddress.KIND)
            .in(Chapter.LISTENERS).alias("http-socket", "http11-socket").repeatable()
            .summary("Listens for HTTP: nginx's proxy_pass, or a browser.")
            .prose("Addresses are written as for `socket`.")
            .uwsgi("""
                    There is no separate router process, hence no difference between `http`, `http-socket` and \
                    `http11-socket`: the workers speak HTTP/1.1 with keep-alive themselves.""")
            .declared();

    static final Option<Integer> LISTEN = option("listen", Values.count(1, 65535))
            .in(Chapter.LISTENERS).restartNeeded().letter('l').standard(100)
            .summary("Connections that wait in each listener's queue.")
            .prose("More than the kernel's `net.core.somaxconn` is refused at start.")
            .declared();

    static final Option<Integer> CHMOD_SOCKET = option("chmod-socket", modeKind())
            .in(Chapter.LISTENERS).restartNeeded().letter('C')
            .summary("Permissions of unix sockets.")
            .prose("""
                    Right from the moment the socket exists. Without it they are what the umask leaves, which is \
                    seldom enough for an nginx that runs as another user. The name alone, or `1`, means 666.""")
            .declared();

    static final Option<String> CHOWN_SOCKET = option("chown-socket", ownerKind())
            .in(Chapter.LISTENERS).restartNeeded()
            .summary("Owner of unix sockets.")
            .prose("Names or numbers. Needs root, unless it is the server's own user and a group of its own.")
            .declared();

    static final List<Option<?>> OPTIONS = List.of(SOCKET, HTTP, LISTEN, CHMOD_SOCKET, CHOWN_SOCKET,
            AccessSettings.ALLOW, AccessSettings.SECRET);

    private static ValueKind<Integer> modeKind() {
        return new ValueKind<>("MODE", "", "three octal digits, or four of which the first is 0", Optional.of("1"),
                (text, _) -> mode(text), mode -> String.format("%03o", mode));
    }

    private static int mode(String text) throws InvalidValue {
        if (text.isEmpty() || text.equals("1")) {
            return 0666;
        }
        if (!text.matches("0?[0-7]{3}")) {
            throw new InvalidValue("'" + text + "' is no mode, which is three octal digits such as 660");
        }
        return Integer.parseInt(text, 8);
    }

    private static ValueKind<String> ownerKind() {
        return ValueKind.of("USER[:GROUP]", (text, _) -> {
            if (!Values.nonEmpty(text).matches("[^\\s:]+(:[^\\s:]+)?")) {
                throw new InvalidValue("'" + text + "' is no owner; write user or user:group");
            }
            return text;
        }, text -> text);
    }

    /// An address as it was given.
    private record Asked(Value value, Kind kind, ListenAddress address) {

        boolean isSocketInTheFileSystem() {
            return address instanceof UnixPath;
        }

        boolean isTcp() {
            return address instanceof Tcp;
        }

        /// systemd opens it, and will tell what it is.
        boolean isOfUnknownKind() {
            return address instanceof Passed;
        }

        /// Two listeners can have the same address only where it is not yet an address.
        boolean hasAddressOf(Asked other) {
            return address.equals(other.address) && !(address instanceof Tcp tcp && tcp.port() == 0);
        }
    }

    static List<ListenerSettings> allFrom(Given given) {
        List<Asked> asked = distinct(inTextOrder(given), given);
        warnAboutOptionsWithoutSocket(asked, given);
        warnAboutPeers(asked, given);
        int backlog = LISTEN.in(given);
        Optional<Integer> mode = CHMOD_SOCKET.ifIn(given);
        Optional<String> owner = CHOWN_SOCKET.ifIn(given);
        return asked.stream().map(one -> new ListenerSettings(one.kind(), one.address(), backlog,
                one.isSocketInTheFileSystem() && mode.isPresent() ? OptionalInt.of(mode.get()) : OptionalInt.empty(),
                one.isSocketInTheFileSystem() ? owner : Optional.empty())).toList();
    }

    private static List<Asked> inTextOrder(Given given) {
        return Stream.concat(asked(SOCKET, Kind.UWSGI, given), asked(HTTP, Kind.HTTP, given))
                .sorted(Comparator.comparingInt(asked -> asked.value().order()))
                .toList();
    }

    private static Stream<Asked> asked(Option<ListenAddress> option, Kind kind, Given given) {
        return given.counting(option).stream().flatMap(value ->
                option.parse(value, given).map(address -> new Asked(value, kind, address)).stream());
    }

    /// Without those that were given twice.
    private static List<Asked> distinct(List<Asked> asked, Given given) {
        List<Asked> distinct = new ArrayList<>();
        for (Asked one : asked) {
            Optional<Asked> same = distinct.stream().filter(one::hasAddressOf).findFirst();
            if (same.isEmpty()) {
                distinct.add(one);
            } else if (same.get().kind() == one.kind()) {
                given.problems().warn(one.value().entry().at(), one.address() + " is given twice; it is bound once");
            } else {
                given.problems().error(one.value().entry().at(),
                        one.address() + " cannot speak both uwsgi and HTTP; give each its own address");
            }
        }
        return distinct;
    }

    private static void warnAboutOptionsWithoutSocket(List<Asked> asked, Given given) {
        if (asked.isEmpty() || asked.stream().anyMatch(Asked::isSocketInTheFileSystem)) {
            return;
        }
        Stream.of(CHMOD_SOCKET, CHOWN_SOCKET).flatMap(option -> given.counting(option).stream())
                .forEach(value -> given.problems().warn(value.entry().at(),
                        value.entry().key() + " has no effect: no listener is a unix socket with a path"));
    }

    /// Of peers that cannot come, and of listeners that are left open while others are not.
    private static void warnAboutPeers(List<Asked> asked, Given given) {
        AccessSettings access = AccessSettings.from(given);
        if (access.allowed().isEmpty() || asked.isEmpty() || asked.stream().anyMatch(Asked::isOfUnknownKind)) {
            return;
        }
        for (Value value : given.counting(AccessSettings.ALLOW)) {
            AccessSettings.ALLOW.parse(value, given).map(AllowedPeer.OfNetwork.class::isInstance)
                    .filter(isOfTcp -> asked.stream().noneMatch(one -> one.isTcp() == isOfTcp))
                    .ifPresent(isOfTcp -> given.problems().warn(value.entry().at(), value.entry().key() + " = "
                            + value.text() + " has no effect: no listener is a "
                            + (isOfTcp ? "TCP port" : "unix socket")));
        }
        for (Asked one : asked) {
            if (one.isTcp() && !access.hasNetworks()) {
                given.problems().warn(one.value().entry().at(),
                        one.address() + " is open to everybody: allow has no address or network");
            }
            if (one.address() instanceof UnixAbstract && !access.hasUsers()) {
                given.problems().warn(one.value().entry().at(),
                        one.address() + " is open to every local process: allow has no user or group");
            }
        }
    }
}
