package loomgate.server.control;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import loomgate.server.control.Message.Alive;
import loomgate.server.control.Message.Configure;
import loomgate.server.control.Message.Drain;
import loomgate.server.control.Message.Ready;
import loomgate.server.control.Message.ReopenLog;
import loomgate.server.control.Message.ReplaceRequested;

/// Messages over a stream of bytes: a word, its fields behind tabs, a newline.
///
/// **Threads.** One thread receives; any thread may send.
public final class MessageChannel {

    /// Of the form of the messages. After an upgrade, a worker may be older than its master: who changes what the
    /// messages look like, or what there are, raises this, and an upgrade between the two is refused.
    public static final String VERSION = "1";

    private final InputStream in;
    private final OutputStream out;

    public MessageChannel(InputStream in, OutputStream out) {
        this.in = new BufferedInputStream(in);
        this.out = out;
    }

    /// Sends a message in one write.
    public synchronized void send(Message message) throws IOException {
        out.write((String.join("\t", fields(message)) + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /// Waits for the next message; empty when the other side is gone, be it in the middle of one.
    ///
    /// @throws MalformedMessage if what came is no message
    public Optional<Message> receive() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                return Optional.of(parse(line.toString(StandardCharsets.UTF_8)));
            }
            line.write(next);
        }
        return Optional.empty();
    }

    private static List<String> fields(Message message) {
        return switch (message) {
            case Configure(int worker, int generation, boolean supervised, List<Integer> lasting,
                    List<String> entries) -> {
                List<String> fields = new ArrayList<>(List.of(
                        "configure",
                        Integer.toString(worker),
                        Integer.toString(generation),
                        Boolean.toString(supervised),
                        lasting.stream().map(Object::toString).collect(Collectors.joining(","))));
                entries.forEach(entry -> fields.add(Fields.encode(entry)));
                yield fields;
            }
            case Ready(Vitals vitals) -> withVitals("ready", vitals);
            case Alive(long fineUntil, Vitals vitals) -> withVitals("alive", vitals, Long.toString(fineUntil));
            case ReplaceRequested(EndCause cause, String detail) ->
                List.of("replace-requested", cause.name(), Fields.encode(detail));
            case ReopenLog() -> List.of("reopen-log");
            case Drain(boolean stopping) -> List.of("drain", Boolean.toString(stopping));
        };
    }

    private static Message parse(String line) throws MalformedMessage {
        String[] fields = line.split("\t", -1);
        try {
            return switch (fields[0]) {
                case "configure" -> new Configure(
                        Integer.parseInt(fields[1]),
                        Integer.parseInt(fields[2]),
                        Boolean.parseBoolean(fields[3]),
                        Stream.of(fields[4].split(","))
                                .filter(place -> !place.isEmpty())
                                .map(Integer::valueOf)
                                .toList(),
                        List.of(fields).subList(5, fields.length).stream()
                                .map(Fields::decode)
                                .toList());
                case "ready" -> new Ready(vitals(fields, 1));
                case "alive" -> new Alive(Long.parseLong(fields[4]), vitals(fields, 1));
                case "replace-requested" -> new ReplaceRequested(EndCause.valueOf(fields[1]), Fields.decode(fields[2]));
                case "reopen-log" -> new ReopenLog();
                case "drain" -> new Drain(Boolean.parseBoolean(fields[1]));
                default -> throw new MalformedMessage(fields[0]);
            };
        } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
            throw new MalformedMessage(fields[0]);
        }
    }

    private static List<String> withVitals(String word, Vitals vitals, String... more) {
        List<String> fields = new ArrayList<>(List.of(word, Long.toString(vitals.requests()),
                Long.toString(vitals.addressSpace()), Long.toString(vitals.resident())));
        fields.addAll(List.of(more));
        return fields;
    }

    private static Vitals vitals(String[] fields, int first) {
        return new Vitals(Long.parseLong(fields[first]), Long.parseLong(fields[first + 1]),
                Long.parseLong(fields[first + 2]));
    }
}
