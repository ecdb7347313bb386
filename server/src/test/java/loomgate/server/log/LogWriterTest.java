package loomgate.server.log;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LogWriterTest {

    /// A file that remembers its writes; fails or stands still when told to.
    private static final class Target extends OutputStream {

        private final List<String> writes = new ArrayList<>();
        private final CountDownLatch isReached = new CountDownLatch(1);
        private volatile CountDownLatch gate = new CountDownLatch(0);
        private final CountDownLatch hasRefused = new CountDownLatch(1);
        private volatile boolean isFull;
        private volatile Thread writer;

        @Override
        public void write(int b) {
            throw new AssertionError("byte by byte");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writer = Thread.currentThread();
            isReached.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (isFull) {
                hasRefused.countDown();
                throw new IOException("No space left on device");
            }
            synchronized (writes) {
                writes.add(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
            }
        }

        List<String> writes() {
            synchronized (writes) {
                return List.copyOf(writes);
            }
        }

        String text() {
            return String.join("", writes());
        }
    }

    private final Target target = new Target();

    @Test
    void everyLineIsWrittenInOrderAndNoWriteSplitsOne() throws InterruptedException {
        LogWriter log = LogWriter.to(target, LogLine.LONGEST);
        for (int i = 1; i <= 5_000; i++) {
            log.add(line(i, "/x".repeat(i % 400)));
        }
        close(log);
        assertEquals(numbers(1, 5_000), numbersIn(target.text()));
        assertTrue(target.writes().stream().allMatch(write -> write.endsWith("\n")));
        assertTrue(target.writes().stream().allMatch(write -> write.length() <= LogLine.LONGEST));
    }

    @Test
    void linesOfManyThreadsAreAllThere() throws InterruptedException {
        LogWriter log = LogWriter.to(target, 65_536);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int first = t * 500 + 1;
            threads.add(Thread.ofVirtual().start(() -> {
                for (int i = first; i < first + 500; i++) {
                    log.add(line(i, "/"));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        close(log);
        assertEquals(numbers(1, 4_000), numbersIn(target.text()).stream().sorted().toList());
    }

    @Test
    void aLineIsWrittenSoonWithoutAnother() throws InterruptedException {
        LogWriter log = LogWriter.to(target, LogLine.LONGEST);
        for (int i = 1; i <= 3; i++) {
            log.add(line(i, "/"));
            int expected = i;
            await().atMost(5, TimeUnit.SECONDS).until(() -> numbersIn(target.text()).size() == expected);
        }
        close(log);
    }

    @Test
    void aFileThatStandsStillMakesNobodyWaitAndWhatDoesNotFitIsCounted() throws InterruptedException {
        target.gate = new CountDownLatch(1);
        LogWriter log = LogWriter.to(target, 65_536);
        log.add(line(1, "/"));
        target.isReached.await();
        int more = 50;
        for (int i = 2; i <= LogWriter.MOST_WAITING + 1 + more; i++) {
            log.add(line(i, "/"));
        }
        target.gate.countDown();
        close(log);
        assertEquals(numbers(1, LogWriter.MOST_WAITING + 1), numbersIn(target.text()));
        assertEquals(more, droppedIn(target.text()));
    }

    @Test
    void linesThatAFullFileRefusesAreCountedAndToldWhenItTakesAgain() throws InterruptedException {
        target.isFull = true;
        LogWriter log = LogWriter.to(target, LogLine.LONGEST);
        for (int i = 1; i <= 100; i++) {
            log.add(line(i, "/"));
        }
        target.hasRefused.await();
        target.isFull = false;
        log.add(line(101, "/"));
        close(log);
        int written = numbersIn(target.text()).size();
        assertTrue(written < 101);
        assertEquals(101 - written, droppedIn(target.text()));
        assertTrue(numbersIn(target.text()).contains(101));
    }

    @Test
    void closeWithNothingToSayEndsAndWritesNothing() throws InterruptedException {
        LogWriter.to(target, LogLine.LONGEST).close();
        assertEquals(List.of(), target.writes());
    }

    @Test
    void linesThatShareAWriteHaveOnePrefix() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        LogWriter log = LogWriter.to(target, 1000);
        log.prefixRequests(() -> "{asked: " + asked.incrementAndGet() + "} ");
        for (int i = 1; i <= 500; i++) {
            log.add(line(i, "/"));
        }
        close(log);
        assertEquals(numbers(1, 500), numbersIn(target.text()));
        assertTrue(target.text().lines().allMatch(line -> line.matches("\\{asked: \\d+} \\[pid: .*")), target.text());
        assertTrue(target.writes().stream().allMatch(write -> write.length() <= 1000));
        assertTrue(asked.get() <= target.writes().size() + 1, asked + " for " + target.writes().size() + " writes");
        assertTrue(target.text().contains("{asked: " + target.writes().size() / 2 + "} "), "never asked again");
    }

    @Test
    void aPrefixThatCannotBeHadCostsItsLineOnly() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        LogWriter log = LogWriter.to(target, 65_536);
        log.prefixRequests(() -> {
            if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("on purpose");
            }
            return "";
        });
        log.add(line(1, "/"));
        await().atMost(5, TimeUnit.SECONDS).until(() -> asked.get() == 1);
        log.add(line(2, "/"));
        close(log);
        assertEquals(List.of(2), numbersIn(target.text()));
        assertEquals(1, droppedIn(target.text()));
    }

    @Test
    void whatIsPrintedComesLineByLineWithItsPrefix() throws InterruptedException {
        LogWriter log = LogWriter.to(target, 65_536);
        PrintStream out = LineStream.printingTo(log, "worker 1: ");
        out.print("half a ");
        out.flush();
        out.println("line");
        out.printf("%s%n%s", "größer", "unfinished");
        close(log);
        assertEquals("worker 1: half a line\nworker 1: größer\n",
                new String(target.text().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }

    @Test
    void aPrintedLineWithoutEndIsBroken() throws InterruptedException {
        LogWriter log = LogWriter.to(target, LogLine.LONGEST);
        LineStream.printingTo(log, "> ").println("x".repeat(10_000));
        close(log);
        assertTrue(target.text().lines().allMatch(line -> line.startsWith("> x") && line.length() < LogLine.LONGEST));
        assertEquals(10_000, target.text().chars().filter(c -> c == 'x').count());
    }

    /// Closes a log that has something to write, and waits until all is written, which [LogWriter#close()] does for a
    /// second only.
    private void close(LogWriter log) throws InterruptedException {
        log.close();
        target.isReached.await();
        target.writer.join();
    }

    private static int droppedIn(String text) {
        return Pattern.compile("log: (\\d+) lines").matcher(text).results()
                .mapToInt(match -> Integer.parseInt(match.group(1))).sum();
    }

    private static List<Integer> numbersIn(String text) {
        return Pattern.compile("\\|req: (\\d+)/").matcher(text).results()
                .map(match -> Integer.parseInt(match.group(1))).toList();
    }

    private static List<Integer> numbers(int first, int last) {
        return java.util.stream.IntStream.rangeClosed(first, last).boxed().toList();
    }

    private static RequestLine line(int number, String uri) {
        return new RequestLine(number, "", "", 1, 1, 0, "GET", uri, 0, 0, "HTTP/1.1", 200, 1, 1);
    }
}
