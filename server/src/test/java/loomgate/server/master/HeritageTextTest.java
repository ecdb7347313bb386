package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import loomgate.server.config.ListenAddress;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.master.table.Inherited;
import loomgate.server.master.table.WorkerEnd;
import loomgate.server.os.ExitStatus;
import loomgate.server.os.Signals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What one program leaves to the next, as text and back.
class HeritageTextTest {

    private static final Heritage FULL = new Heritage(
            List.of("module=a.B", "set-ph=text=with\ttab, 100 % and\nnewline\r"), "/etc/app.ini",
            List.of(Path.of("/etc/app.ini"), Path.of("/etc/a b.ini")),
            Optional.of(new Heritage.Status(12, new ListenAddress.Tcp("", 9000))),
            Optional.of(new Heritage.File(Path.of("/run/app.pid"), 5, 1L << 40, 11)), 7, OptionalInt.of(30),
            List.of(new Heritage.Listener(8, "/run/app.sock", false,
                            Optional.of(new Heritage.File(Path.of("/run/app.sock"), 5, 78, 9))),
                    new Heritage.Listener(3, "127.0.0.1:80", true, Optional.empty())),
            List.of(generation(3, List.of(1)), generation(4, List.of(0, 1))), 4, 6,
            Set.of(Signals.Name.INT, Signals.Name.HUP),
            List.of(new Heritage.Worker(new Inherited(new WorkerLabel(1, 4, 401), Inherited.Stage.SERVING,
                            Duration.ofSeconds(80), Duration.ofMillis(79_500), new Vitals(12, 34_000, 56_000)), 20),
                    new Heritage.Worker(new Inherited(new WorkerLabel(2, 3, 302), Inherited.Stage.LEAVING,
                            Duration.ofDays(3), Duration.ZERO, Vitals.UNKNOWN), 21)),
            List.of(new WorkerEnd(new WorkerLabel(2, 3, 301), EndCause.STUCK_REQUEST, "GET /a\tb\nat C.d",
                            new ExitStatus.Killed(9), Duration.ofSeconds(7), new Vitals(1, 2, 3),
                            Instant.ofEpochSecond(1_800_000_000, 999_999_999)),
                    new WorkerEnd(new WorkerLabel(1, 1, 99), EndCause.RELOAD, "", new ExitStatus.Exited(75),
                            Duration.ofHours(9), Vitals.UNKNOWN, Instant.EPOCH)));

    private static Heritage.OfGeneration generation(int number, List<Integer> listeners) {
        return new Heritage.OfGeneration(number, List.of("processes=2"), new WorkerProgram(Path.of("/srv"),
                Map.of("PATH", "/bin:/usr/bin", "ODD", "a=b\n\tc\r\n", "EMPTY", ""), List.of("-Xmx64m", "-Da= "),
                List.of(Path.of("/tmp/x/0-loomgate.jar"))), Path.of("/tmp/x"), listeners);
    }

    @Test
    void comesBackAsItWas() throws IOException {
        assertEquals(FULL, HeritageText.heritage(HeritageText.of(FULL)));
    }

    @Test
    void comesBackWithNothingInIt() throws IOException {
        Heritage bare = new Heritage(List.of(), "", List.of(), Optional.empty(), Optional.empty(), 7,
                OptionalInt.empty(), List.of(), List.of(), 1, 1, Set.of(), List.of(), List.of());
        assertEquals(bare, HeritageText.heritage(HeritageText.of(bare)));
    }

    @Test
    void anEndThatThisVersionDoesNotKnowIsForgotten() throws IOException {
        byte[] other = new String(HeritageText.of(FULL), StandardCharsets.UTF_8)
                .replace("\tSTUCK_REQUEST\t", "\tBOREDOM\t")
                .getBytes(StandardCharsets.UTF_8);
        assertEquals(FULL.ends().subList(1, 2), HeritageText.heritage(other).ends());
    }

    @Test
    void allDescriptorsAreNamed() {
        assertEquals(List.of(7, 30, 12, 11, 8, 9, 3, 20, 21), FULL.descriptors());
    }

    @ParameterizedTest
    @ValueSource(strings = {"2\t1", "1\t2", "1", "1\t1\t1"})
    void anotherVersionOfItselfOrOfTheMessagesIsRefusedWithWhatToDo(String versions) {
        byte[] other = new String(HeritageText.of(FULL), StandardCharsets.UTF_8)
                .replaceFirst("heritage\t1\t1\n", "heritage\t" + versions + "\n").getBytes(StandardCharsets.UTF_8);
        IOException refusal = assertThrows(IOException.class, () -> HeritageText.heritage(other));
        assertTrue(refusal.getMessage().contains("cannot follow"), refusal::getMessage);
        assertTrue(refusal.getMessage().contains("use restart"), refusal::getMessage);
    }

    @Test
    void aPartOfItIsRefused() {
        String whole = new String(HeritageText.of(FULL), StandardCharsets.UTF_8);
        int end = whole.indexOf("ignored\t"); // behind that nothing has to follow
        for (int length = 0; length < end + "ignored".length(); length++) {
            byte[] part = whole.substring(0, length).getBytes(StandardCharsets.UTF_8);
            assertThrows(IOException.class, () -> HeritageText.heritage(part), () -> "of " + part.length + " bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "heritage\t1\t1", "heritage", "GET / HTTP/1.1\r\n\r\n",
            "heritage\t1\t1\nsettings\nini\t\nfiles\ncommands\tx\t-"})
    void whatIsNoneIsRefused(String text) {
        assertThrows(IOException.class, () -> HeritageText.heritage(text.getBytes(StandardCharsets.UTF_8)));
    }
}
