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
        out.write((line(message) + "\n").getBytes(StandardCharsets.UTF_8));
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

    private static String line(Message message) {
        return switch (message) {
            case Configure(int worker, int generation, boolean supervised, List<Integer> lasting,
                    List<String> entries) -> {
                List<Object> fields = new ArrayList<>(List.of(worker, generation, supervised,
                        lasting.stream().map(Object::toString).collect(Collectors.joining(","))));
                fields.addAll(entries);
                yield Fields.line("configure", fields);
            }
            case Ready(Vitals vitals) -> Fields.line("ready", fields(vitals));
            case Alive(long fineUntil, Vitals vitals) -> {
                List<Object> fields = new ArrayList<>(fields(vitals));
                fields.add(fineUntil);
                yield Fields.line("alive", fields);
            }
            case ReplaceRequested(EndCause cause, String detail) ->
                Fields.line("replace-requested", List.of(cause.name(), detail));
            case ReopenLog() -> "reopen-log";
            case Drain(boolean stopping) -> Fields.line("drain", List.of(stopping));
        };
    }

    private static Message parse(String line) throws MalformedMessage {
        List<String> fields = Fields.of(line);
        try {
            return switch (fields.getFirst()) {
                case "configure" -> new Configure(
                        Integer.parseInt(fields.get(1)),
                        Integer.parseInt(fields.get(2)),
                        Boolean.parseBoolean(fields.get(3)),
                        Stream.of(fields.get(4).split(","))
                                .filter(place -> !place.isEmpty())
                                .map(Integer::valueOf)
                                .toList(),
                        fields.subList(5, fields.size()));
                case "ready" -> new Ready(vitals(fields));
                case "alive" -> new Alive(Long.parseLong(fields.get(4)), vitals(fields));
                case "replace-requested" -> new ReplaceRequested(EndCause.valueOf(fields.get(1)), fields.get(2));
                case "reopen-log" -> new ReopenLog();
                case "drain" -> new Drain(Boolean.parseBoolean(fields.get(1)));
                default -> throw new MalformedMessage(fields.getFirst());
            };
        } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
            throw new MalformedMessage(fields.getFirst());
        }
    }

    private static List<Object> fields(Vitals vitals) {
        return List.of(vitals.requests(), vitals.addressSpace(), vitals.resident());
    }

    private static Vitals vitals(List<String> fields) {
        return new Vitals(Long.parseLong(fields.get(1)), Long.parseLong(fields.get(2)), Long.parseLong(fields.get(3)));
    }
}
