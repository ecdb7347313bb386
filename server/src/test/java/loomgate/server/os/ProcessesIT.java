package loomgate.server.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// Starts `/bin/sh`. [Processes#awaitEnd] tells of any child of this JVM, so nothing else here may start one.
@Timeout(30)
@Isolated("it waits for whatever child of this JVM ends, and counts what is open")
class ProcessesIT {

    /// 32 and 33, which glibc keeps to itself and ignores in what it spawns.
    private static final long GLIBCS_OWN = 3L << 31;

    private static final Path SHELL = Path.of("/bin/sh");

    private record Exit(int pid, ExitStatus status) {}

    @TempDir
    Path folder;

    @Test
    void exitStatusIsTold() throws Exception {
        assertEquals(new ExitStatus.Exited(0), run("exit 0").status());
        assertEquals(new ExitStatus.Exited(22), run("exit 22").status());
        assertEquals(new ExitStatus.Exited(255), run("exit 255").status());
    }

    @Test
    void signalIsTold() throws Exception {
        assertEquals(new ExitStatus.Killed(9), run("kill -9 $$").status());
        assertEquals(new ExitStatus.Killed(15), run("kill $$").status());
        assertEquals("was killed by signal 9", run("kill -9 $$").status().toString());
    }

    @Test
    void killEndsAChildThatDoesNotListen() throws Exception {
        int pid = spawn("trap '' TERM INT; while :; do sleep 60 & wait; done", List.of());
        Processes.kill(pid);
        assertEquals(new Exit(pid, new ExitStatus.Killed(9)), awaitExit());
    }

    @Test
    void quitIsTheSignalThatJvmsDumpTheirThreadsAt() throws Exception {
        int pid = spawn("exec sleep 60", List.of());
        Processes.quit(pid);
        assertEquals(new Exit(pid, new ExitStatus.Killed(3)), awaitExit());
    }

    @Test
    void aChildKeepsItsNumberUntilItIsReaped() throws Exception {
        int pid = spawn("exit 3", List.of());
        assertEquals(pid, Processes.awaitEnd().orElseThrow());
        assertEquals(pid, Processes.awaitEnd().orElseThrow());
        Processes.kill(pid); // of no effect, and of no other process
        assertEquals(new ExitStatus.Exited(3), Processes.reap(pid));
        assertTrue(Processes.awaitEnd().isEmpty());
    }

    @Test
    void noNumberStandsForMoreThanOneProcess() {
        for (int pid : new int[] {0, -1, -4711}) {
            assertThrows(IllegalArgumentException.class, () -> Processes.kill(pid));
            assertThrows(IllegalArgumentException.class, () -> Processes.quit(pid));
        }
    }

    @Test
    void childHasThisProcesssUmaskAlthoughAFileIsCreatedMeanwhile() throws Exception {
        String umask = Files.readString(Path.of("/proc/self/status")).replaceFirst("(?s).*\nUmask:\t(\\d+).*", "$1");
        FutureTask<Exit> child = new FutureTask<>(() -> run("test $(umask) = " + umask));
        Thread spawning = Thread.ofPlatform().unstarted(child);
        FileModes.creatingWith(0606, () -> {
            spawning.start();
            while (spawning.getState() != Thread.State.BLOCKED && spawning.isAlive()) {
                Thread.onSpinWait(); // until it waits, or has not waited
            }
            return null;
        });
        assertEquals(new ExitStatus.Exited(0), child.get().status());
    }

    @Test
    void withoutChildrenThereIsNoExitToWaitFor() throws Exception {
        assertTrue(Processes.awaitEnd().isEmpty());
    }

    @Test
    void childHasTheChosenDescriptorsInOrderAndNothingElse() throws Exception {
        List<Descriptor> pair = Sockets.pair();
        Descriptor leak = Descriptor.devNull();
        Descriptor inheritable = leak.duplicate(100);
        leak.duplicateOver(inheritable, true); // open in this JVM without close-on-exec
        try {
            Descriptor out = Descriptor.appendingTo(folder.resolve("out").toString(), 0600);
            // in an order in which each target is the source of another
            int pid = spawn("for i in /proc/self/fd/*; do readlink $i || :; done",
                    List.of(pair.get(1), out, out, pair.get(0)));
            assertEquals(new Exit(pid, new ExitStatus.Exited(0)), awaitExit());
            out.close();
            List<String> open = Files.readAllLines(folder.resolve("out"));
            assertEquals(2, open.stream().filter(line -> line.startsWith("socket:")).distinct().count(),
                    open::toString);
            assertFalse(open.contains("/dev/null"), open::toString);
        } finally {
            inheritable.close();
            leak.close();
            pair.get(0).close();
            pair.get(1).close();
        }
    }

    @Test
    void numbersOfTheChildAreThePlacesInTheList() throws Exception {
        Descriptor out = Descriptor.appendingTo(folder.resolve("out").toString(), 0600);
        Descriptor third = Descriptor.appendingTo(folder.resolve("third").toString(), 0600);
        Descriptor fourth = Descriptor.appendingTo(folder.resolve("fourth").toString(), 0600);
        Descriptor nothing = Descriptor.devNull();
        spawn("echo three >&3; echo four >&4; ls /proc/$$/fd", List.of(nothing, out, out, third, fourth));
        assertEquals(new ExitStatus.Exited(0), awaitExit().status());
        for (Descriptor one : List.of(out, third, fourth, nothing)) {
            one.close();
        }
        assertEquals("three\n", Files.readString(folder.resolve("third")));
        assertEquals("four\n", Files.readString(folder.resolve("fourth")));
        assertEquals(List.of("0", "1", "2", "3", "4"), Files.readAllLines(folder.resolve("out")).stream()
                .filter(line -> Integer.parseInt(line) < 10).toList());
    }

    @Test
    void environmentAndDirectoryAreTheChosenOnes() throws Exception {
        Descriptor out = Descriptor.appendingTo(folder.resolve("out").toString(), 0600);
        Program program = new Program(Path.of("/usr/bin/env"), List.of("env"), Map.of("ONLY", "ä=b c"), folder,
                List.of(out, out, out));
        Processes.spawn(program);
        assertEquals(new ExitStatus.Exited(0), awaitExit().status());
        Processes.spawn(new Program(SHELL, List.of("sh", "-c", "pwd -P"), Map.of(), folder, List.of(out, out, out)));
        assertEquals(new ExitStatus.Exited(0), awaitExit().status());
        out.close();
        assertEquals(List.of("ONLY=ä=b c", folder.toRealPath().toString()), Files.readAllLines(folder.resolve("out")));
    }

    @Test
    void signalsAreAsInAFreshProcess() throws Exception {
        Descriptor out = Descriptor.appendingTo(folder.resolve("out").toString(), 0600);
        Program program = new Program(Path.of("/bin/grep"), List.of("grep", "^Sig[BI]", "/proc/self/status"), Map.of(),
                folder, List.of(out, out, out));
        Processes.spawn(program);
        assertEquals(new ExitStatus.Exited(0), awaitExit().status());
        out.close();
        for (String line : Files.readAllLines(folder.resolve("out"))) {
            long signals = Long.parseLong(line.split("\t")[1], 16);
            assertEquals(0, signals & ~GLIBCS_OWN, line);
        }
    }

    @Test
    void aProgramThatDoesNotExistIsAnExceptionAndLeavesNothingOpen() throws Exception {
        Set<String> before = OpenFiles.of(ProcessHandle.current().pid());
        Program program = new Program(folder.resolve("missing"), List.of("missing"), Map.of(), folder, List.of());
        OsException failure = assertThrows(OsException.class, () -> Processes.spawn(program));
        assertEquals(OsException.ENOENT, failure.errno());
        assertTrue(failure.getMessage().contains("missing: No such file or directory"), failure.getMessage());
        assertEquals(Set.of(), OpenFiles.addedTo(before, ProcessHandle.current().pid()));
    }

    @Test
    void spawningLeavesNothingOpen() throws Exception {
        run("exit 0");
        Set<String> before = OpenFiles.of(ProcessHandle.current().pid());
        for (int i = 0; i < 5; i++) {
            run("exit 0");
        }
        assertEquals(Set.of(), OpenFiles.addedTo(before, ProcessHandle.current().pid()));
    }

    @Test
    void endOfTheChildIsTheEndOfFileOnItsSocket() throws Exception {
        List<Descriptor> pair = Sockets.pair();
        int pid = spawn("read line; echo got $line >&0", List.of(pair.get(1)));
        pair.get(1).close();
        pair.get(0).outputThatNeverWaits().write("hello\n".getBytes());
        byte[] answer = pair.get(0).input().readAllBytes();
        assertEquals("got hello\n", new String(answer, StandardCharsets.UTF_8));
        assertEquals(new Exit(pid, new ExitStatus.Exited(0)), awaitExit());
        pair.get(0).close();
    }

    @Test
    void whatDoesNotFitIntoASocketIsAnExceptionAndNoWait() throws Exception {
        List<Descriptor> pair = Sockets.pair();
        OsException failure = assertThrows(
                OsException.class, () -> pair.get(0).outputThatNeverWaits().write(new byte[16 * 1024 * 1024]));
        assertEquals(OsException.EAGAIN, failure.errno());
        pair.get(0).close();
        pair.get(1).close();
    }

    @Test
    void writingToWhomIsGoneIsAnExceptionAndNoSignal() throws Exception {
        List<Descriptor> pair = Sockets.pair();
        pair.get(1).close();
        assertThrows(OsException.class, () -> pair.get(0).outputThatNeverWaits().write(1));
        pair.get(0).close();
    }

    private Exit run(String script) throws Exception {
        int pid = spawn(script, List.of());
        Exit exit = awaitExit();
        assertEquals(pid, exit.pid());
        return exit;
    }

    private int spawn(String script, List<Descriptor> descriptors) throws OsException {
        return Processes.spawn(new Program(SHELL, List.of("sh", "-c", script),
                Map.of("PATH", "/usr/bin:/bin"), folder, descriptors));
    }

    private static Exit awaitExit() throws Exception {
        FutureTask<Exit> task = new FutureTask<>(ProcessesIT::endOfAChild);
        Thread.ofPlatform().daemon().start(task);
        return task.get(20, TimeUnit.SECONDS);
    }

    private static Exit endOfAChild() throws OsException {
        int pid = Processes.awaitEnd().orElseThrow();
        return new Exit(pid, Processes.reap(pid));
    }
}
