package loomgate.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTextTest {

    private static final List<String> RUDE = List.of("", "a=b", "tab\tnew\nline", "100%", "%25", "%0a", "%09", "%%0a%",
            "\t\t", "\n", "naïve=日本語 🧵", "cr\rlf\r\n", "nul\0", "trailing\t", " spaces ");

    static Stream<Command> commands() {
        return Stream.of(new Command.Identify(), new Command.Reload(), new Command.Stop(false), new Command.Stop(true),
                new Command.ReopenLogs(), new Command.Status());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandsArriveAsTheyWereSent(Command command) throws IOException {
        assertEquals(command, CommandText.command(CommandText.of(command)));
    }

    @Test
    void answersArriveAsTheyWereSent() throws IOException {
        for (String text : RUDE) {
            assertArrives(new Answer.Progress(text));
            assertArrives(new Answer.Done(0, text));
            assertArrives(new Answer.Done(-1, text));
        }
        assertArrives(new Answer.Denied());
        assertArrives(new Answer.Identified(new Identity(1, Long.MAX_VALUE, Path.of(""), List.of())));
        assertArrives(new Answer.Identified(
                new Identity(4711, 0, Path.of("/\t"), List.of(Path.of("/a b/\tapp.ini"), Path.of("/100%/\n.ini")))));
    }

    private static void assertArrives(Answer answer) throws IOException {
        String line = CommandText.of(answer);
        assertFalse(line.contains("\n"), line);
        assertEquals(answer, CommandText.answer(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\t", "STOP", "stop\t", "stop\tlater", "stop\tnow\t", "reload\tx", "identify ",
        "\0\1", "progress\tx", "GET / HTTP/1.1"})
    void garbageIsNoCommand(String line) {
        assertThrows(IOException.class, () -> CommandText.command(line));
    }

    @Test
    void whatATerminalWouldObeyIsNotPrinted() {
        assertEquals("?[31m a\nb?c?", CommandText.printable("\u001b[31m a\nb\rc\u009b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\t", "progress", "done", "done\t0", "done\tzero\tx", "done\t99999999999\tx",
        "identity", "identity\t1", "identity\t1\t2", "identity\t1\t2x\t", "identity\t1\t2\t\0", "DENIED", "\0\1",
        "reload"})
    void garbageIsNoAnswer(String line) {
        assertThrows(IOException.class, () -> CommandText.answer(line));
    }
}
