package loomgate.server.application;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class RequestUriTest {

    @Test
    void targetsThatAreNoUriAreEncoded() {
        assertEquals("/a%7Cb%7B%22%5E%5B%5D%5C?c%7Cd%25=[1]", RequestUri.of("/a|b{\"^[]\\?c|d%=[1]").toString());
        assertEquals("/a|b", RequestUri.of("/a|b").getPath());
        assertEquals("/\u00e4 \u00e4", RequestUri.of("/\u00c3\u00a4%20%c3%a4").getPath());
        assertEquals("x%25zz=%25%9B", RequestUri.of("/?x%zz=%25\u009b").getRawQuery());
        assertEquals("a#b", RequestUri.of("/?q#a#b").getFragment());
        assertEquals("*", RequestUri.of("*").getPath());
    }

    @Test
    void targetsThatAreAUriStayAsTheyAre() {
        for (String target : List.of("/", "/a/b;c=d/e.f~g_h-i!j'k(l)*m:@&=+$,?n=o&p=%7c/?", "/%c3%a4%2F",
                "http://a.example/b?c", "http://[::1]:80/b", "http://a.example?q", "*")) {
            assertEquals(target, RequestUri.of(target).toString());
        }
    }

    @Test
    void aPathMayBeginWithTwoSlashes() {
        for (String target : List.of("//", "//a", "//a.example/b", "///a", "//a:b@c")) {
            assertEquals(target, RequestUri.of(target).getPath());
            assertEquals(null, RequestUri.of(target).getAuthority());
        }
    }
}
