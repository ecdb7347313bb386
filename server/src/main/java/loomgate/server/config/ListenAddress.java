package loomgate.server.config;

import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import loomgate.server.config.option.InvalidValue;
import loomgate.server.config.option.ValueKind;
import loomgate.server.config.option.Values;

/// Where a listener is found. `toString` gives it as one writes it in the INI.
public sealed interface ListenAddress {

    /// A unix socket with a name in the file system.
    record UnixPath(Path path) implements ListenAddress {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /// A unix socket of Linux's abstract name space.
    ///
    /// @param name without the `@`
    record UnixAbstract(String name) implements ListenAddress {
        @Override
        public String toString() {
            return "@" + name;
        }
    }

    /// A TCP port.
    ///
    /// @param host a name or an address, IPv6 without brackets; empty for all
    /// @param port 0 if the kernel is to choose
    record Tcp(String host, int port) implements ListenAddress {
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /// A socket that systemd opens for us, by the name that it goes by there.
    record Passed(String name) implements ListenAddress {
        @Override
        public String toString() {
            return PASSED + name;
        }
    }

    /// What stands before the name of a socket of systemd's.
    String PASSED = "systemd:";

    /// How addresses are written.
    ValueKind<ListenAddress> KIND = ValueKind.of("ADDRESS", (text, directories) -> of(text, directories.chdir()),
            ListenAddress::toString);

    /// How addresses are written where only TCP will do.
    ValueKind<Tcp> TCP_KIND = ValueKind.of("HOST:PORT", (text, directories) -> tcp(text, directories.chdir()),
            Tcp::toString);

    /// `sun_path` has 108 bytes, the last of which is a NUL.
    int LONGEST_UNIX_NAME = 107;

    /// Reads an address; a relative path is a path in the given directory.
    static ListenAddress of(String text, Path directory) throws InvalidValue {
        Values.nonEmpty(text);
        if (text.startsWith("@")) {
            return abstractName(text.substring(1));
        }
        if (text.startsWith(PASSED)) {
            return new Passed(Values.nonEmpty(text.substring(PASSED.length())));
        }
        refuseWhatOnlyUwsgiReads(text);
        return text.contains("/") || !text.contains(":") ? path(text, directory) : Grammar.tcp(text);
    }

    private static Tcp tcp(String text, Path directory) throws InvalidValue {
        if (of(text, directory) instanceof Tcp address) {
            return address;
        }
        throw new InvalidValue("'" + text + "' is no TCP port, which is what it takes; write 127.0.0.1:9100 or :9100");
    }

    private static ListenAddress abstractName(String name) throws InvalidValue {
        requireShort(Values.nonEmpty(name));
        return new UnixAbstract(name);
    }

    private static ListenAddress path(String text, Path directory) throws InvalidValue {
        if (text.matches("[0-9]+")) {
            throw new InvalidValue("'" + text + "' would be a unix socket of that name; was :" + text + " meant?");
        }
        if (text.matches("[0-9]+(\\.[0-9]+){3}|localhost")) {
            throw new InvalidValue("'" + text + "' has no port; write " + text + ":PORT");
        }
        Path path = Values.path(text, directory);
        requireShort(path.toString());
        return new UnixPath(path);
    }

    private static void requireShort(String name) throws InvalidValue {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_UNIX_NAME) {
            throw new InvalidValue("the name of a unix socket has at most " + LONGEST_UNIX_NAME + " bytes, this has "
                    + length + ": " + name);
        }
    }

    private static void refuseWhatOnlyUwsgiReads(String text) throws InvalidValue {
        if (text.startsWith("unix:")) {
            throw new InvalidValue("write the path alone: " + text.replaceFirst("unix:(//)?", ""));
        }
        if (text.contains("://")) {
            throw new InvalidValue("'" + text + "' is no address; a socket of systemd's is found by its"
                    + " address, or by its name: " + PASSED + "NAME");
        }
        if (text.startsWith("=")) {
            throw new InvalidValue("shared sockets do not exist here; write the address itself");
        }
    }

    /// Host and port.
    final class Grammar {

        private static final Pattern TCP = Pattern.compile("(?<host>\\[[^]]*]|[^:]*):(?<port>[^:]*)");
        private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?");

        private Grammar() {}

        private static Tcp tcp(String text) throws InvalidValue {
            Matcher matcher = TCP.matcher(text);
            if (!matcher.matches()) {
                throw new InvalidValue("'" + text + "' is no address; IPv6 is written [::1]:8000");
            }
            return new Tcp(host(matcher.group("host")), port(matcher.group("port"), text));
        }

        private static String host(String text) throws InvalidValue {
            if (text.isEmpty() || text.equals("*")) {
                return "";
            }
            if (text.startsWith("[")) {
                return ipv6(text.substring(1, text.length() - 1));
            }
            if (!HOST.matcher(text).matches()) {
                throw new InvalidValue("'" + text + "' is no host name or address");
            }
            return text;
        }

        private static String ipv6(String text) throws InvalidValue {
            try {
                Inet6Address.ofLiteral(text); // asks no DNS
                return text;
            } catch (IllegalArgumentException _) {
                throw new InvalidValue("'" + text + "' is no IPv6 address");
            }
        }

        private static int port(String text, String address) throws InvalidValue {
            if (text.isEmpty()) {
                throw new InvalidValue("'" + address + "' has no port; 0 lets the kernel choose one");
            }
            if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535) {
                throw new InvalidValue("'" + text + "' is no port, which is a number from 0 to 65535");
            }
            return Integer.parseInt(text);
        }
    }
}
