package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import loomgate.server.command.Identity;
import loomgate.server.control.EndCause;
import loomgate.server.control.Version;
import loomgate.server.control.Vitals;
import loomgate.server.master.table.TableEvent.Alive;
import loomgate.server.master.table.TableEvent.Spawned;
import loomgate.server.master.table.TableEvent.StopRequested;
import loomgate.server.master.table.TestTable;
import org.junit.jupiter.api.Test;

class StatusTextTest {

    private static final Path INI = Path.of("/srv/shop/app.ini");
    private static final Identity IDENTITY = new Identity(99, 1, INI, List.of(INI));

    private static String text(TestTable test) {
        return new StatusText(IDENTITY, Instant.EPOCH, List.of(), test.table)
                .at(Instant.EPOCH.plus(Duration.ofMinutes(61)), test.in(0)).replace(Version.text(), "VERSION");
    }

    @Test
    void eachProcessOfEachWorkerIsALine() {
        TestTable test = TestTable.twoServing();
        test.apply(new Alive(101, test.in(1000), new Vitals(12345, 0, 130 * TestTable.MB)));
        test.replaceRequested(102, EndCause.TERMINATED);
        test.apply(new Spawned(2, 1, 202));
        assertEquals("""
                master pid 99, for 1 h 1 min
                  VERSION
                  /srv/shop/app.ini

                worker      pid  gen  state                 age     requests      rss
                     1      101    1  serving               5 s        12345   130 MB
                     2      102    1  unfit                 5 s            -        -  because of asked to end
                     2      202    1  starting              0 s            -        -""", text(test));
    }

    @Test
    void whoIsMissingIsSaidAndWhy() {
        TestTable test = TestTable.serving(1, TestTable.UNLIMITED);
        test.exited(101, TestTable.KILLED);
        assertEquals("""
                master pid 99, for 1 h 1 min
                  VERSION
                  /srv/shop/app.ini

                worker      pid  gen  state                 age     requests      rss
                     1        -    -  no process

                last ends:
                  1970-01-01T00:00:05Z worker 1 gen 1 pid 101 ended: unexpected end, was killed by signal 9, by \
                somebody or by the kernel for want of memory, after 5000 ms""", text(test));
    }

    @Test
    void processesOfANumberThatIsNoMoreNeededAreSaidUntilTheyHaveEnded() {
        TestTable test = TestTable.serving(3, TestTable.UNLIMITED);
        test.reload(2, 1);
        test.due();
        test.apply(new Spawned(1, 2, 201));
        test.ready(201);
        test.exited(101, TestTable.STOPPED);
        test.exited(103, TestTable.STOPPED);
        assertEquals("""
                worker      pid  gen  state                 age     requests      rss
                     1      201    2  serving               0 s            -        -
                     2      102    1  draining              5 s            -        -  because of reload (fewer \
                processes)
                """, text(test).replaceFirst("(?s).*\n\n(?=worker)", "").replaceFirst("(?s)\nlast ends:.*", ""));
    }

    @Test
    void howLongItServesOnIsSaid() {
        TestTable test = TestTable.serving(TestTable.settings(1, Duration.ofMillis(4_500)));
        test.apply(new StopRequested());
        test.pass(2_000);
        assertEquals("""
                master pid 99, for 1 h 1 min, stopping in 3 s
                  VERSION
                  /srv/shop/app.ini

                worker      pid  gen  state                 age     requests      rss
                     1      101    1  serving               7 s            -        -""", text(test));
    }

    @Test
    void theEndOfAllIsSaid() {
        TestTable test = TestTable.serving(1, TestTable.UNLIMITED);
        test.apply(new StopRequested());
        assertEquals("""
                master pid 99, for 1 h 1 min, stopping
                  VERSION
                  /srv/shop/app.ini

                worker      pid  gen  state                 age     requests      rss
                     1      101    1  stopping              5 s            -        -  because of stop""",
                text(test));
    }
}
