package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import loomgate.server.protocol.CorpusCase;
import loomgate.server.protocol.EscapedText;
import loomgate.server.protocol.Mutations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// nginx reads a client's bytes as requests, and the application has to see these requests and no other: whatever the
/// bytes are, and however nginx passes requests on.
@Timeout(600)
class SmugglingIT {

    private static final int MUTATIONS = Soak.of(2, 200); // of each case
    private static final int SENDERS = 8;
    private static final int SEED = 91_120;

    private static final String KEPT = "proxy_http_version 1.1; proxy_set_header Connection \"\";";

    /// How nginx passes requests on, by the name of the socket that it takes them on. `%1$s` is the server's folder,
    /// `%2$d` its port for HTTP, `%3$d` that for uwsgi.
    private static final Map<String, String> WAYS = Map.of(
            "http-unix", "proxy_pass http://unix:%1$s/http.sock:;",
            "http-unix-kept", "proxy_pass http://unix_kept; " + KEPT,
            "http-tcp", "proxy_pass http://127.0.0.1:%2$d;",
            "http-tcp-kept", "proxy_pass http://tcp_kept; " + KEPT,
            "http-kept-unbuffered", "proxy_pass http://unix_kept; proxy_request_buffering off; " + KEPT,
            "uwsgi-unix", "uwsgi_pass unix:%1$s/uwsgi.sock;",
            "uwsgi-tcp", "uwsgi_pass 127.0.0.1:%3$d;",
            "uwsgi-unbuffered", "uwsgi_pass unix:%1$s/uwsgi.sock; uwsgi_request_buffering off;");

    /// A client's bytes: a case of the corpus or a mutation of it, and behind it a request that everybody would know.
    private record Message(String name, byte[] bytes, String marker) {

        static Message of(String name, byte[] bytes) {
            String marker = "/marker/" + name.replaceAll("[^\\w.-]", "-");
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(bytes);
            all.writeBytes(("GET " + marker + " HTTP/1.1\r\nHost: marker\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            return new Message(name, all.toByteArray(), marker);
        }

        @Override
        public String toString() {
            return name + "\n" + EscapedText.of(bytes);
        }
    }

    /// A request as nginx has logged it, or as the application has recorded it.
    ///
    /// @param body `?` if nginx, which passed it on while it came in, cannot tell
    private record Passed(String connection, String method, String uri, String body) {

        boolean isSeenAs(Passed seen) {
            // of absolute-form without a path nginx logs the query alone, and sends it behind a path if it is not empty
            boolean isSameUri = uri.equals(seen.uri)
                    || uri.startsWith("?") && seen.uri.equals(uri.equals("?") ? "/" : "/" + uri);
            return method.equals(seen.method) && isSameUri && (body.equals("?") || body.equals(seen.body));
        }
    }

    @Test
    void theApplicationSeesTheRequestsThatNginxSentAndNoOther() throws Exception {
        try (RunningServer server = RunningServer.start("""
                http = http.sock
                http = 127.0.0.1:0
                socket = uwsgi.sock
                socket = 127.0.0.1:0
                set-ph = record=record
                module = loomgate.server.it.app.RecordingApplication
                jvm-classpath = %s
                """.formatted(RunningServer.TEST_CLASSES)).awaitReady(1);
                Nginx nginx = Nginx.startWith(port -> configuration(server, port))) {
            List<Message> messages = messages();
            Map<String, List<Exchange>> exchanges = new HashMap<>();
            for (String way : WAYS.keySet()) {
                exchanges.put(way, send(messages, server.folder().resolve(way)));
            }
            Path record = server.folder().resolve("record");
            Path log = nginx.folder().resolve("requests");
            List<String> recorded = Files.readAllLines(record, StandardCharsets.ISO_8859_1);
            List<String> ids = recorded.stream().map(line -> line.split(" ")[0]).toList();
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> // nginx writes its line at the very end
                    assertTrue(requests(Files.readAllLines(log)).keySet().containsAll(ids), "nginx has not sent all"));
            Map<String, Passed> sent = requests(Files.readAllLines(log));
            assertRecordedOnceAndAsSent(recorded, sent);
            int answered = 0;
            for (String way : WAYS.keySet()) {
                for (int i = 0; i < messages.size(); i++) {
                    Exchange exchange = exchanges.get(way).get(i);
                    answered += assertAnswersBelong(way, messages.get(i), exchange, sent);
                    if (way.contains("unbuffered")) {
                        String buffered = way.startsWith("http") ? "http-unix-kept" : "uwsgi-unix";
                        assertSeenToo(exchange, exchanges.get(buffered).get(i), messages.get(i));
                    }
                }
            }
            System.out.println(messages.size() + " messages in " + WAYS.size() + " ways: nginx sent " + sent.size()
                    + " requests, the application saw " + recorded.size() + ", " + answered + " markers were answered");
            assertTrue(recorded.size() > messages.size(), "hardly anything came through: " + recorded.size());
            assertTrue(answered > messages.size(), "hardly a marker came through: " + answered);
            server.assertStops();
        }
    }

    private static List<Message> messages() {
        List<Message> messages = new ArrayList<>();
        List<byte[]> cases = CorpusCase.in("http").map(CorpusCase::bytes).toList();
        CorpusCase.in("http").forEach(one -> {
            Random random = new Random(SEED + one.name().hashCode());
            messages.add(Message.of(one.name(), one.bytes()));
            for (int i = 0; i < MUTATIONS; i++) {
                messages.add(Message.of(one.name() + "-" + i,
                        Mutations.of(one.bytes(), cases.get(random.nextInt(cases.size())), random)));
            }
        });
        return messages;
    }

    private static List<Exchange> send(List<Message> messages, Path socket) throws Exception {
        try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            List<Future<Exchange>> answers = new ArrayList<>();
            for (Message message : messages) {
                answers.add(senders.submit(() -> Exchange.with(socket, message.bytes())));
            }
            List<Exchange> all = new ArrayList<>();
            for (Future<Exchange> answer : answers) {
                all.add(answer.get());
            }
            return all;
        }
    }

    /// A server block for each way. A client that has ended its side is still to be answered.
    private static String configuration(RunningServer server, int port) {
        String blocks = WAYS.entrySet().stream().map(way -> """
                server {
                    listen unix:%1$s/%2$s;
                    access_log requests requests;
                    location / {
                        include uwsgi_params;
                        uwsgi_param HTTP_X_ID $request_id;
                        proxy_set_header X-Id $request_id;
                        proxy_set_header Host $http_host;
                        proxy_ignore_client_abort on;
                        uwsgi_ignore_client_abort on;
                        %3$s
                    }
                }
                """.formatted(server.folder(), way.getKey(), way.getValue()
                        .formatted(server.folder(), server.port(0), server.port(1)))).collect(Collectors.joining());
        return """
                lingering_timeout 100ms;
                server { listen 127.0.0.1:%d; }
                upstream unix_kept { server unix:%s/http.sock; keepalive 4; }
                upstream tcp_kept { server 127.0.0.1:%d; keepalive 4; }
                log_format requests '$request_id $connection $upstream_status "$request_method" "$request_uri" '
                                    '"$request_body" $server_addr';
                """.formatted(port, server.folder(), server.port(0)) + blocks;
    }

    /// What nginx has passed on, by id.
    private static Map<String, Passed> requests(List<String> log) {
        Map<String, Passed> requests = new HashMap<>();
        for (String line : log) {
            String[] parts = line.split(" ", 4);
            boolean isPassedOn = !parts[2].equals("-");
            if (isPassedOn) {
                String[] quoted = parts[3].split("\"");
                boolean isUnbuffered = quoted[6].contains("unbuffered");
                requests.put(parts[0], new Passed(parts[1], unescaped(quoted[1]), unescaped(quoted[3]),
                        isUnbuffered ? "?" : body(quoted[5])));
            }
        }
        return requests;
    }

    private static String unescaped(String logged) {
        return new String(EscapedText.bytes(logged), StandardCharsets.ISO_8859_1);
    }

    private static String body(String logged) {
        return logged.isEmpty() || logged.equals("-") ? "-" : HexFormat.of().formatHex(EscapedText.bytes(logged));
    }

    private static void assertRecordedOnceAndAsSent(List<String> recorded, Map<String, Passed> sent) {
        Map<String, String> seen = new HashMap<>();
        for (String line : recorded) {
            String[] parts = line.split(" ");
            Passed passed = sent.get(parts[0]);
            assertTrue(passed != null, () -> "nginx has not sent: " + line);
            assertTrue(passed.isSeenAs(new Passed("", parts[1], parts[2], parts[4])),
                    () -> line + " was sent as " + passed);
            assertEquals(null, seen.put(parts[0], line), "a second request with the same id");
        }
    }

    /// What nginx passed on as it came in is what it passed on when it had it all.
    private static void assertSeenToo(Exchange unbuffered, Exchange buffered, Message message) {
        List<String> expected = buffered.seen().stream().map(SmugglingIT::withoutId).toList();
        List<String> seen = unbuffered.seen().stream().map(SmugglingIT::withoutId).toList();
        assertTrue(expected.containsAll(seen), () -> seen + " beside " + expected + "\n" + message);
    }

    private static String withoutId(String seen) {
        return seen.substring(seen.indexOf(' '));
    }

    /// Every answer of the application on a client's connection is one to a request of this connection, in order, and
    /// none comes from another message's marker.
    ///
    /// @return 1 if the marker was answered
    private static int assertAnswersBelong(String way, Message message, Exchange exchange, Map<String, Passed> sent) {
        String connection = null;
        int markers = 0;
        String where = "\n" + way + " " + message;
        for (String seen : exchange.seen()) {
            String[] parts = seen.split(" ");
            Passed passed = sent.get(parts[0]);
            assertTrue(passed != null, () -> "an answer to what nginx has not sent: " + seen + where);
            assertTrue(passed.isSeenAs(new Passed("", parts[1], parts[2], parts[4])),
                    () -> seen + " was sent as " + passed + where);
            if (connection == null) {
                connection = passed.connection();
            }
            assertEquals(connection, passed.connection(), "an answer of another connection" + where);
            if (parts[2].startsWith("/marker/")) {
                assertEquals(message.marker(), parts[2], "the marker of another message" + where);
                markers++;
            }
        }
        assertTrue(markers <= 1, () -> exchange.seen() + where);
        return markers;
    }
}
