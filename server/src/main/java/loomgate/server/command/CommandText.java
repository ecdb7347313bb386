package loomgate.server.command;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import loomgate.server.control.Fields;

/// Commands and answers as lines: a word, its fields behind tabs.
final class CommandText {

    private static final String NOW = "now";

    private CommandText() {}

    static String of(Command command) {
        return switch (command) {
            case Command.Identify() -> "identify";
            case Command.Reload() -> "reload";
            case Command.Upgrade() -> "upgrade";
            case Command.Stop(boolean now) -> now ? Fields.line("stop", List.of(NOW)) : "stop";
            case Command.ReopenLogs() -> "logreopen";
            case Command.Status() -> "status";
        };
    }

    /// @throws IOException if it is none, or one of another version
    static Command command(String line) throws IOException {
        return switch (line) {
            case "identify" -> new Command.Identify();
            case "reload" -> new Command.Reload();
            case "upgrade" -> new Command.Upgrade();
            case "stop" -> new Command.Stop(false);
            case "stop\t" + NOW -> new Command.Stop(true);
            case "logreopen" -> new Command.ReopenLogs();
            case "status" -> new Command.Status();
            default -> throw new IOException("no such command");
        };
    }

    static String of(Answer answer) {
        return switch (answer) {
            case Answer.Progress(String text) -> Fields.line("progress", List.of(text));
            case Answer.Done(int status, String text) -> Fields.line("done", List.of(status, text));
            case Answer.Identified(Identity(int pid, long startedAt, Path ini, List<Path> files)) -> {
                List<Object> fields = new ArrayList<>(List.of(pid, startedAt, ini));
                fields.addAll(files);
                yield Fields.line("identity", fields);
            }
            case Answer.Denied() -> "denied";
        };
    }

    /// @throws IOException if it is none, or one of another version
    static Answer answer(String line) throws IOException {
        List<String> fields = Fields.of(line);
        try {
            return switch (fields.getFirst()) {
                case "progress" -> new Answer.Progress(fields.get(1));
                case "done" -> new Answer.Done(Integer.parseInt(fields.get(1)), fields.get(2));
                case "identity" -> new Answer.Identified(new Identity(
                        Integer.parseInt(fields.get(1)),
                        Long.parseLong(fields.get(2)),
                        Path.of(fields.get(3)),
                        fields.subList(4, fields.size()).stream().map(Path::of).toList()));
                case "denied" -> new Answer.Denied();
                default -> throw new IOException("no such answer: " + fields.getFirst());
            };
        } catch (NumberFormatException | IndexOutOfBoundsException | InvalidPathException _) {
            throw new IOException("malformed answer: " + fields.getFirst());
        }
    }

    /// Who answers may be another user's program, and a terminal obeys what is not printable.
    static String printable(String text) {
        return text.replaceAll("[\\p{Cc}&&[^\\n]]", "?");
    }
}
