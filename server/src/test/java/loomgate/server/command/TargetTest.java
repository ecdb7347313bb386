package loomgate.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import loomgate.server.control.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

    @TempDir
    Path folder;

    @Test
    void digitsAreAPid() {
        assertEquals(new Target.Pid(4711), Target.of("4711", folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "00", "99999999999999999999"})
    void digitsThatAreNoPidAreNobodys(String digits) {
        Target.Pid pid = (Target.Pid) Target.of(digits, folder);
        assertThrows(CommandException.class, () -> MasterSearch.here().withPid(pid.pid()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.ini", "app.ini:production", "/srv/app.ini", "4711.ini"})
    void namesThatEndInIniAreInis(String name) {
        assertEquals(new Target.Ini(name), Target.of(name, folder));
    }

    @Test
    void aFileWithANumberIsAPidFileWhateverItsName() throws IOException {
        Path file = Files.writeString(folder.resolve("pid.ini"), "4711\n");
        assertEquals(new Target.PidFile(file), Target.of("pid.ini", folder));
    }

    @Test
    void allElseIsAPidFile() {
        assertEquals(new Target.PidFile(folder.resolve("run/app.pid")), Target.of("run/app.pid", folder));
        assertEquals(new Target.PidFile(Path.of("/run/app.pid")), Target.of("/run/app.pid", folder));
    }

    @ParameterizedTest
    @CsvSource({"4711,4711", "'4711\n',4711", "' 4711 \n\n',4711", "'4711\r\n',4711", "1,1", "0042,42"})
    void aPidMayHaveWhiteSpaceAroundIt(String content, int pid) throws Exception {
        assertEquals(pid, Target.pidIn(Files.writeString(folder.resolve("app.pid"), content)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "0", "-1", "+1", "1 2", "12x", "0x10", "1.5", "９", "9999999999", "\0",
        "4711\nworker", "[uwsgi]\nprocesses = 2\n"})
    void allElseInItIsGarbage(String content) throws Exception {
        Path file = Files.writeString(folder.resolve("app.pid"), content);
        CommandException refusal = assertThrows(CommandException.class, () -> Target.pidIn(file));
        assertEquals(ExitCode.NO_MASTER, refusal.code());
        assertTrue(refusal.getMessage().startsWith(file.toString()), refusal.getMessage());
    }

    @Test
    void aLongFileIsNotCutToANumber() throws Exception {
        Path file = Files.writeString(folder.resolve("app.pid"), "4711" + " ".repeat(100) + "garbage");
        assertThrows(CommandException.class, () -> Target.pidIn(file));
    }

    @Test
    void missingFilesAndDirectoriesAreTold() {
        assertThrows(CommandException.class, () -> Target.pidIn(folder.resolve("missing.pid")));
        assertThrows(CommandException.class, () -> Target.pidIn(folder));
        assertThrows(CommandException.class, () -> Target.pidIn(Path.of("/dev/zero")));
    }
}
