package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import loomgate.api.Response;
import loomgate.server.net.ArrayTransport;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.CorpusCase;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestHead;
import loomgate.server.protocol.http.HttpCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Other servers read the corpus too. Where they refuse what is accepted here, or read it as another request, the
/// difference has to be in `docs/http-differences.md`, with its reason.
@Timeout(120)
class HttpDifferencesIT {

    private static final String PAGE = "docs/http-differences.md";
    private static final boolean IS_CI = "true".equals(System.getenv("CI"));
    private static final int SENDERS = 8;
    private static final Peer CLIENT = new Peer("192.0.2.7", 40123, "192.0.2.1", 8080);

    /// A request that was read to its end.
    private record Reading(String method, String target, String host, String body) {

        /// Of a line of `X-Seen`.
        static Reading of(String seen) {
            String[] words = seen.split(" ", 4);
            return new Reading(words[0], words[1], bareHost(words[2]), words[3]);
        }

        /// In what it is another request than that one; empty if in nothing.
        String difference(Reading that) {
            List<String> differing = new ArrayList<>();
            if (!method.equals(that.method)) {
                differing.add("method");
            }
            if (!target.equals(that.target)) {
                differing.add("target");
            }
            if (!host.equals(that.host)) {
                differing.add("host");
            }
            if (!body.equals(that.body)) {
                differing.add("body");
            }
            return String.join(", ", differing);
        }

        /// In lower case and without the port: what names a virtual server.
        private static String bareHost(String host) {
            return host.replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT);
        }
    }

    @TempDir
    private Path folder;

    @Test
    void differencesToNginxAreKnown() throws Exception {
        try (HttpPeer nginx = HttpPeer.nginx(folder)) {
            assertDifferencesAreKnown("nginx", nginx, Integer.MAX_VALUE);
        }
    }

    @Test
    void differencesToJettyAreKnown() throws Exception {
        try (HttpPeer jetty = HttpPeer.jetty()) {
            assertDifferencesAreKnown("Jetty", jetty, Integer.MAX_VALUE);
        }
    }

    /// Of each connection only the first request: uWSGI closes it then.
    @Test
    void differencesToUwsgiAreKnown() throws Exception {
        Optional<HttpPeer> uwsgi = HttpPeer.uwsgi(folder);
        if (uwsgi.isEmpty() && "1".equals(System.getenv("LOOMGATE_REQUIRE_UWSGI"))) {
            throw new AssertionError("uWSGI with Python 3 is not installed, and LOOMGATE_REQUIRE_UWSGI=1");
        }
        assumeTrue(uwsgi.isPresent(), "uWSGI with Python 3 is not installed: scripts/test installs it");
        try (HttpPeer peer = uwsgi.get()) {
            assertDifferencesAreKnown("uWSGI", peer, 1);
        }
    }

    private static void assertDifferencesAreKnown(String name, HttpPeer peer, int most) throws Exception {
        List<CorpusCase> cases = CorpusCase.in("http")
                .filter(one -> !one.settings().containsKey("buffer-size")).toList();
        Map<String, String> found = new TreeMap<>();
        int same = 0;
        int stricter = 0;
        try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            List<Future<Exchange>> exchanges = cases.stream()
                    .map(one -> senders.submit(() -> Exchange.with(peer.address(), one.bytes()))).toList();
            for (int i = 0; i < cases.size(); i++) {
                List<Reading> here = limited(readHere(cases.get(i)), most);
                List<Reading> there = limited(exchanges.get(i).get().seen().stream().map(Reading::of).toList(), most);
                Optional<String> difference = difference(here, there);
                if (difference.isPresent()) {
                    found.put(cases.get(i).name().replace(".http", ""), difference.get());
                } else if (here.size() == there.size()) {
                    same++;
                } else {
                    stricter++;
                }
            }
        }
        System.out.println(name + ": " + cases.size() + " cases, read alike " + same + ", refused here only " + stricter
                + ", otherwise " + found.size());
        assertTrue(same > cases.size() / 4, "the other server answers hardly anything: " + same);
        Map<String, String> expected = listed(name);
        if (!IS_CI) {
            expected.keySet().retainAll(found.keySet()); // another version may differ in less
        }
        assertEquals(asRows(name, expected), asRows(name, found), () -> "differences to " + name + ", as " + PAGE
                + " should list them");
    }

    /// How the other server differs where that matters: it may accept more than we do.
    private static Optional<String> difference(List<Reading> here, List<Reading> there) {
        for (int i = 0; i < here.size(); i++) {
            if (i >= there.size()) {
                return Optional.of("accepted here only");
            }
            String differing = here.get(i).difference(there.get(i));
            if (!differing.isEmpty()) {
                return Optional.of("another " + differing);
            }
        }
        return Optional.empty();
    }

    private static List<Reading> limited(List<Reading> readings, int most) {
        return readings.subList(0, Math.min(most, readings.size()));
    }

    /// The requests that an application here reads to their ends.
    private static List<Reading> readHere(CorpusCase corpusCase) throws Exception {
        ArrayTransport transport = new ArrayTransport(ArrayTransport.Then.ENDS, corpusCase.bytes());
        Codec codec = new HttpCodec(transport, corpusCase.limits(), CLIENT);
        List<Reading> readings = new ArrayList<>();
        try {
            do {
                Optional<RequestHead> head = codec.readHead();
                if (head.isEmpty()) {
                    break;
                }
                byte[] body = codec.body().readAllBytes();
                String host = head.get().headers().first("Host").orElse("");
                readings.add(Reading.of(String.join(" ", head.get().method(), target(head.get().uri()), orDash(host),
                        orDash(HexFormat.of().formatHex(body)))));
                codec.write(Response.text("ok"));
            } while (codec.isPersistent());
        } catch (BadRequest _) {
            // was not read to its end
        }
        return readings;
    }

    /// Of absolute-form, what a server behind a proxy would get.
    private static String target(String uri) {
        String target = uri.replaceFirst("^(?i:https?)://[^/?]*", "");
        return target.startsWith("/") || target.equals("*") ? target : "/" + target;
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    /// The page's rows `| case | server | difference | why |` for a server.
    private static Map<String, String> listed(String name) throws IOException {
        Map<String, String> listed = new TreeMap<>();
        for (String line : Project.text(PAGE).lines().filter(line -> line.startsWith("| `")).toList()) {
            String[] cells = line.split("\\|");
            assertTrue(cells.length == 5 && !cells[4].isBlank(), () -> "no reason is given: " + line);
            if (cells[2].strip().equals(name)) {
                listed.put(cells[1].strip().replace("`", ""), cells[3].strip());
            }
        }
        return listed;
    }

    private static String asRows(String name, Map<String, String> differences) {
        StringBuilder rows = new StringBuilder();
        differences.forEach((one, text) ->
                rows.append("| `").append(one).append("` | ").append(name).append(" | ").append(text).append(" |\n"));
        return rows.toString();
    }
}
