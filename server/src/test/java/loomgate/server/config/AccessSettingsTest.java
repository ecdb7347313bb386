package loomgate.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.List;
import loomgate.server.config.option.Directories;
import loomgate.server.config.option.InvalidValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessSettingsTest {

    private static AccessSettings allowing(String... peers) throws InvalidValue {
        List<AllowedPeer> allowed = new ArrayList<>();
        for (String peer : peers) {
            allowed.add(AllowedPeer.of(peer));
        }
        return new AccessSettings(allowed, List.of());
    }

    private static UserPrincipal user(String name) throws Exception {
        return lookup().lookupPrincipalByName(name);
    }

    private static GroupPrincipal group(String name) throws Exception {
        return lookup().lookupPrincipalByGroupName(name);
    }

    private static UserPrincipalLookupService lookup() {
        return FileSystems.getDefault().getUserPrincipalLookupService();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1", "10.0.0.0/8, 10.255.255.255", "10.0.0.0/8, 10.0.0.0", "192.168.4.0/22, 192.168.7.255",
        "192.0.2.128/25, 192.0.2.128", "192.0.2.6/31, 192.0.2.7", "0.0.0.0/0, 255.255.255.255", "::1, ::1",
        "fd00::/8, fdff:ffff::1", "2001:db8::/33, 2001:db8:7fff::", "::/0, 2001:db8::1", "::ffff:10.0.0.1, 10.0.0.1"})
    void anAddressOfANetworkIsLetIn(String network, String address) throws Exception {
        assertTrue(allowing(network).letsIn(InetAddress.ofLiteral(address)));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.2", "10.0.0.0/8, 11.0.0.0", "10.0.0.0/8, 9.255.255.255", "192.168.4.0/22, 192.168.8.0",
        "192.0.2.128/25, 192.0.2.127", "192.0.2.6/31, 192.0.2.5", "0.0.0.0/0, ::1", "::/0, 127.0.0.1", "::1, 127.0.0.1",
        "fd00::/8, fc00::1", "2001:db8::/33, 2001:db8:8000::"})
    void anyOtherAddressIsNot(String network, String address) throws Exception {
        assertFalse(allowing(network).letsIn(InetAddress.ofLiteral(address)));
    }

    @Test
    void oneOfSeveralWillDo() throws Exception {
        AccessSettings access = allowing("127.0.0.1", "10.0.0.0/8", "user:12345", "group:23456");
        assertTrue(access.letsIn(InetAddress.ofLiteral("10.1.1.1")));
        assertTrue(access.letsIn(user("12345"), group("1")));
        assertTrue(access.letsIn(user("1"), group("23456")));
        assertFalse(access.letsIn(user("23456"), group("12345")));
    }

    @Test
    void aNameAndItsNumberAreTheSameUser() throws Exception {
        assertTrue(allowing("user:root").letsIn(user("0"), group("1")));
        assertTrue(allowing("user:0").letsIn(user("root"), group("1")));
        assertTrue(allowing("group:0").letsIn(user("1"), group("root")));
        assertFalse(allowing("user:root").letsIn(user("12345"), group("root")));
    }

    @Test
    void aKindOfSocketThatNothingIsSaidAboutIsOpen() throws Exception {
        assertTrue(allowing("user:root").letsIn(InetAddress.ofLiteral("192.0.2.1")));
        assertTrue(allowing("127.0.0.1").letsIn(user("12345"), group("12345")));
    }

    @ParameterizedTest
    @CsvSource({"user:root", "group:0", "127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0"})
    void aPeerReadsBackAsItself(String text) throws Exception {
        AllowedPeer peer = AllowedPeer.of(text);
        assertEquals(peer, AllowedPeer.of(peer.toString()));
    }

    @Test
    void aSecretIsKnownByAllOfItAndShownToNobody() throws Exception {
        Path root = Path.of("/");
        Secret secret = Secret.KIND.reading().read("0123456789abcdef", new Directories(root, root));
        assertTrue(secret.is("0123456789abcdef"));
        for (String guess : List.of("", "0123456789abcde", "0123456789abcdeF", "0123456789abcdef0",
                "0123456789abcd\u00ef\u00ff")) {
            assertFalse(secret.is(guess), guess);
        }
        assertEquals("(not shown)", secret.toString());
    }
}
