package loomgate.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import loomgate.server.config.ListenAddress.Tcp;
import loomgate.server.config.ListenAddress.UnixAbstract;
import loomgate.server.config.ListenAddress.UnixPath;
import loomgate.server.config.option.InvalidValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {

    private static final Path DIRECTORY = Path.of("/srv");

    @ParameterizedTest
    @ValueSource(strings = {"/run/a.sock", "@a", "@a/b:c", ":0", ":8000", "0.0.0.0:80", "localhost:80", "[::1]:80",
            "[fe80::1%1]:80", "a-b.example.org:65535"})
    void addressIsWrittenAsItIsRead(String text) throws InvalidValue {
        assertEquals(text, ListenAddress.of(text, DIRECTORY).toString());
    }

    @Test
    void kindIsToldByTheText() throws InvalidValue {
        assertEquals(new UnixPath(Path.of("/srv/app")), ListenAddress.of("app", DIRECTORY));
        assertEquals(new UnixPath(Path.of("/run/a:80")), ListenAddress.of("../run/a:80", DIRECTORY));
        assertEquals(new UnixAbstract("app"), ListenAddress.of("@app", DIRECTORY));
        assertEquals(new Tcp("", 80), ListenAddress.of("*:80", DIRECTORY));
        assertEquals(new Tcp("::1", 80), ListenAddress.of("[::1]:80", DIRECTORY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8000", "@", ":", "host:", ":x", ":-1", ":65536", "::1:80", "[]:80", "[x]:80",
            "a b:80", "-:-", "..:80"})
    void mistakeIsRefused(String text) {
        assertThrows(InvalidValue.class, () -> ListenAddress.of(text, DIRECTORY));
    }
}
