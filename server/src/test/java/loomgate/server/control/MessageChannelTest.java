package loomgate.server.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageChannelTest {

    private static final List<String> RUDE = List.of("", "a=b", "tab\tnew\nline", "100%", "%25", "%0a", "%09", "%%0a%",
            "\t\t", "\n", "naïve=日本語 🧵", "cr\rlf\r\n", "nul\0", "trailing\t", " spaces ");

    private static final Message READY = new Message.Ready(new Vitals(1, Long.MAX_VALUE, 3));

    @Test
    void messagesArriveAsTheyWereSent() throws IOException {
        List<Message> messages = List.of(
                new Message.Configure(3, 7, true, List.of(0, 12), RUDE),
                new Message.Configure(1, 1, false, List.of(3), List.of()),
                new Message.Configure(1, 1, false, List.of(3), List.of("")),
                READY,
                new Message.Alive(Long.MIN_VALUE, new Vitals(0, 0, 0)),
                new Message.ReplaceRequested(EndCause.STUCK_REQUEST, "GET /a\tb at\n100%"),
                new Message.ReplaceRequested(EndCause.TERMINATED, ""),
                new Message.ReopenLog(),
                new Message.Drain(true),
                new Message.Drain(false));
        assertEquals(messages, received(sent(messages)));
    }

    /// What has to change here needs another version, since there are workers of the present one.
    @Test
    void formIsThatOfItsVersion() throws IOException {
        assertEquals("1", MessageChannel.VERSION);
        assertEquals("""
                configure\t3\t7\ttrue\t0,12\tprocesses=2\tmodule=a.B
                ready\t1\t9223372036854775807\t3
                alive\t4\t5\t6\t-7
                replace-requested\tSTUCK_REQUEST\tGET /a
                reopen-log
                drain\ttrue
                """, new String(sent(List.of(
                new Message.Configure(3, 7, true, List.of(0, 12), List.of("processes=2", "module=a.B")),
                READY,
                new Message.Alive(-7, new Vitals(4, 5, 6)),
                new Message.ReplaceRequested(EndCause.STUCK_REQUEST, "GET /a"),
                new Message.ReopenLog(),
                new Message.Drain(true))), StandardCharsets.UTF_8));
        assertEquals(Set.of("TERMINATED", "MAX_REQUESTS", "ADDRESS_SPACE", "RESIDENT_MEMORY", "LIFETIME",
                "STUCK_REQUEST", "OUT_OF_MEMORY", "EXIT_CALLED", "EVIL_ADDRESS_SPACE", "EVIL_RESIDENT_MEMORY",
                "UNRESPONSIVE", "START_TIMEOUT", "GARBLED", "START_FAILED", "RELOAD", "STOP", "UNEXPECTED"),
                Stream.of(EndCause.values()).map(EndCause::name).collect(Collectors.toSet()));
    }

    @Test
    void eachMessageIsOneLineAndOneWrite() throws IOException {
        List<byte[]> writes = new ArrayList<>();
        MessageChannel channel = new MessageChannel(InputStream.nullInputStream(), new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("byte by byte");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                writes.add(java.util.Arrays.copyOfRange(bytes, offset, offset + length));
            }
        });
        channel.send(new Message.Configure(1, 1, true, List.of(), RUDE));
        assertEquals(1, writes.size());
        assertEquals(writes.getFirst().length - 1,
                new String(writes.getFirst(), StandardCharsets.ISO_8859_1).indexOf('\n'));
    }

    @Test
    void bytesMayComeOneByOne() throws IOException {
        byte[] bytes = sent(List.of(new Message.Configure(1, 1, true, List.of(), RUDE), READY));
        InputStream slow = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(1, length));
            }
        };
        MessageChannel channel = new MessageChannel(slow, OutputStream.nullOutputStream());
        assertEquals(Optional.of(new Message.Configure(1, 1, true, List.of(), RUDE)), channel.receive());
        assertEquals(Optional.of(READY), channel.receive());
        assertEquals(Optional.empty(), channel.receive());
    }

    @Test
    void whereverItIsTornThereIsNoMessage() throws IOException {
        byte[] bytes = sent(List.of(new Message.Configure(1, 1, true, List.of(1), List.of("key=value"))));
        for (int length = 0; length < bytes.length; length++) {
            byte[] torn = java.util.Arrays.copyOf(bytes, length);
            assertEquals(List.of(), received(torn), () -> new String(torn, StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\n", "hello\n", "READY\n", "drain\n", "configure\n", "configure\t1\t1\n", "configure\tone\t1\ttrue\n",
        "\tready\n", "configure\t99999999999\t1\ttrue\n", "\0\1\2\n", "ready\n", "ready\t1\t2\n",
        "alive\t1\t2\t3\n", "replace-requested\tBOREDOM\t\n", "replace-requested\tSTOP\n"
    })
    void garbageIsNoMessage(String line) {
        IOException refusal = assertThrows(
                IOException.class, () -> received(line.getBytes(StandardCharsets.UTF_8)));
        assertTrue(refusal.getMessage().contains("control message: "), refusal.getMessage());
    }

    private static byte[] sent(List<Message> messages) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        MessageChannel channel = new MessageChannel(InputStream.nullInputStream(), out);
        for (Message message : messages) {
            channel.send(message);
        }
        return out.toByteArray();
    }

    private static List<Message> received(byte[] bytes) throws IOException {
        MessageChannel channel = new MessageChannel(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream());
        List<Message> messages = new ArrayList<>();
        for (Optional<Message> next = channel.receive(); next.isPresent(); next = channel.receive()) {
            messages.add(next.get());
        }
        return messages;
    }
}
