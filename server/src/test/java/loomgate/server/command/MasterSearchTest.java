package loomgate.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterSearchTest {

    private static final Path SHOP = Path.of("/srv/shop/app.ini");
    private static final Path BLOG = Path.of("/srv/blog/app.ini");

    @TempDir
    Path folder;

    private final Map<Integer, List<Path>> running = new TreeMap<>();
    private final MasterSearch search = new MasterSearch(() -> List.copyOf(running.keySet()), this::introduce);

    /// Who runs with no INI is one that does not answer.
    private RunningMaster introduce(int pid) throws CommandException {
        if (!running.containsKey(pid) || running.get(pid).isEmpty()) {
            throw CommandException.noMaster("process " + pid + " does not answer");
        }
        return new RunningMaster(new Identity(pid, 1, running.get(pid).getFirst(), running.get(pid)));
    }

    private static Identity.Ini ini(Path path) {
        return new Identity.Ini(path, path);
    }

    private Optional<Path> pidFile(String content) throws IOException {
        return Optional.of(Files.writeString(folder.resolve("app.pid"), content));
    }

    @Test
    void theOneWithTheSameFirstIniIsFound() throws Exception {
        running.put(10, List.of(BLOG, SHOP));
        running.put(20, List.of(SHOP, BLOG));
        assertEquals(20, search.withIni(ini(SHOP), Optional.empty()).pid());
        assertEquals(10, search.withIni(ini(BLOG), Optional.empty()).pid());
    }

    @Test
    void aLinkThatLeadsElsewhereByNowIsStillItsIni() {
        Path link = Path.of("/srv/current/app.ini");
        Identity started = new Identity(10, 1, link, List.of(Path.of("/srv/41/app.ini"), BLOG));
        assertTrue(started.hasIni(new Identity.Ini(link, Path.of("/srv/42/app.ini"))));
        assertTrue(started.hasIni(ini(Path.of("/srv/41/app.ini"))));
        assertFalse(started.hasIni(ini(Path.of("/srv/42/app.ini"))));
        assertFalse(started.hasIni(ini(BLOG)));
        assertFalse(new Identity(10, 1, Path.of(""), List.of()).hasIni(ini(BLOG)));
    }

    @Test
    void noneIsToldWithThoseThatThereAre() {
        running.put(10, List.of(BLOG));
        running.put(20, List.of());
        CommandException refusal =
                assertThrows(CommandException.class, () -> search.withIni(ini(SHOP), Optional.empty()));
        assertEquals("no master runs with /srv/shop/app.ini; of others there is 10 with /srv/blog/app.ini;"
                + " process 20 does not answer", refusal.getMessage());
    }

    @Test
    void severalAreToldAndNoneIsTaken() {
        running.put(10, List.of(SHOP));
        running.put(20, List.of(SHOP));
        CommandException refusal =
                assertThrows(CommandException.class, () -> search.withIni(ini(SHOP), Optional.empty()));
        String message = refusal.getMessage();
        assertTrue(message.startsWith("2 masters run with /srv/shop/app.ini: 10, 20;"), message);
    }

    @Test
    void thePidFileSaysWhichOfSeveral() throws Exception {
        running.put(10, List.of(SHOP));
        running.put(20, List.of(SHOP));
        assertEquals(20, search.withIni(ini(SHOP), pidFile("20\n")).pid());
    }

    @Test
    void aPidFileOfAnotherInisMasterIsNotBelieved() throws Exception {
        running.put(10, List.of(BLOG));
        running.put(20, List.of(SHOP));
        assertEquals(20, search.withIni(ini(SHOP), pidFile("10\n")).pid());
    }

    @Test
    void stalePidFilesOfAnIniAreNoHindrance() throws Exception {
        running.put(20, List.of(SHOP));
        for (String content : List.of("", "garbage", "99", "0", "-1")) {
            assertEquals(20, search.withIni(ini(SHOP), pidFile(content)).pid(), content);
        }
        assertEquals(20, search.withIni(ini(SHOP), Optional.of(folder.resolve("missing"))).pid());
    }

    @Test
    void aStalePidFileIsNamed() throws Exception {
        Path file = pidFile("99").orElseThrow();
        CommandException refusal = assertThrows(CommandException.class, () -> search.withPidFile(file));
        assertEquals("process 99 does not answer (the pid is from " + file + ", which seems to be stale)",
                refusal.getMessage());
    }
}
