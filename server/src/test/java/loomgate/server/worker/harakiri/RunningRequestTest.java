package loomgate.server.worker.harakiri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import loomgate.server.protocol.AnswerForfeited;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunningRequestTest {

    private final long before = System.nanoTime();
    private final RunningRequest request = request(Duration.ofSeconds(60), Duration.ofSeconds(90));

    @AfterEach
    void leaveNoInterrupt() {
        Thread.interrupted();
    }

    @Test
    void handlerThatHasBegunToAnswerCannotBeForestalled() throws Exception {
        request.beginAnswer();
        assertFalse(request.forfeit());
        assertFalse(request.isCancelled());
    }

    @Test
    void handlerThatWasForestalledCannotAnswer() {
        assertTrue(request.forfeit());
        assertThrows(AnswerForfeited.class, request::beginAnswer);
        assertTrue(request.isForfeited());
        assertFalse(request.forfeit(), "only one can take it");
    }

    @Test
    void answerThatHasBegunCanBeCutUntilItsEnd() throws Exception {
        assertFalse(request.cut(), "there is nothing to cut");
        request.beginAnswer();
        assertTrue(request.cut());
        assertTrue(request.isCancelled());
        assertFalse(request.isForfeited());
    }

    @Test
    void answerThatBeganInTimeHasASecondHoweverLateItBegan() throws Exception {
        RunningRequest late = request(Duration.ofMillis(1), Duration.ofMillis(1));
        late.beginAnswer();
        assertTrue(late.limit() > Duration.ofMillis(1000).toNanos());
        request.beginAnswer();
        assertEquals(Duration.ofSeconds(60).toNanos(), request.limit(), "nor does it shorten anybody's time");
    }

    @Test
    void answerThatIsCompleteIsNotCut() throws Exception {
        request.beginAnswer();
        request.endAnswer();
        assertFalse(request.cut());
        assertFalse(request.isCancelled());
    }

    @Test
    void connectionIsKeptUntilSomebodyElsesAnswerHasLeft() throws Exception {
        assertTrue(request.forfeit());
        AtomicInteger order = new AtomicInteger();
        Thread answering = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            order.compareAndSet(0, 1);
            request.hasAnsweredInstead();
        });
        request.interrupt(); // may come before the answer, if that has to wait
        request.end();
        assertFalse(order.compareAndSet(0, 2), "the answer comes first");
        assertFalse(Thread.currentThread().isInterrupted());
        answering.join();
    }

    @Test
    void interruptThatCameWithTheLossOfTheRightToAnswerIsNotForgotten() {
        Thread.currentThread().interrupt();
        request.forgetInterrupt();
        assertFalse(Thread.currentThread().isInterrupted());
        request.forfeit();
        request.interrupt();
        request.forgetInterrupt();
        assertTrue(Thread.currentThread().isInterrupted());
    }

    @Test
    void interruptOfTheOwnerReachesTheHandlerThatBeginsOnAnotherThread() throws Exception {
        request.interrupt();
        assertTrue(Thread.interrupted(), "while it waits for the handler");
        AtomicInteger interrupts = new AtomicInteger();
        Thread handler = Thread.ofPlatform().start(() -> {
            request.enterThread();
            interrupts.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
        });
        handler.join();
        assertEquals(1, interrupts.get());
    }

    @Test
    void endIsToldOfOnce() {
        assertTrue(request.isToBeTold());
        assertFalse(request.isToBeTold());
    }

    @Test
    void requestThatHasEndedIsLeftAlone() throws Exception {
        request.beginAnswer();
        request.end();
        assertFalse(request.cut());
        assertFalse(request.forfeit());
        request.interrupt();
        assertFalse(Thread.interrupted());
    }

    @Test
    void interruptDoesNotOutliveTheRequest() {
        request.interrupt();
        request.end();
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void interruptReachesTheThreadThatRunsTheHandlerAndNotWhatThatDoesNext() throws Exception {
        AtomicInteger interrupts = new AtomicInteger();
        Thread handler = Thread.ofPlatform().start(() -> {
            request.enterThread();
            request.interrupt();
            interrupts.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
            request.leaveThread();
            interrupts.addAndGet(Thread.currentThread().isInterrupted() ? 100 : 0);
        });
        handler.join();
        assertEquals(1, interrupts.get());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void extensionNeverShortensAndNeverPassesTheBound() {
        request.extend(Duration.ofSeconds(1));
        assertTimeLeft(60);
        request.extend(Duration.ofSeconds(70));
        assertTimeLeft(70);
        request.extend(Duration.ofSeconds(1_000));
        assertTimeLeft(90);
        request.extend(Duration.ofSeconds(Long.MAX_VALUE));
        assertTimeLeft(90);
    }

    @Test
    void extensionComesTooLateForOneThatWasForestalled() {
        request.forfeit();
        request.extend(Duration.ofSeconds(70));
        assertEquals(Duration.ZERO, request.timeLeft().orElseThrow());
    }

    @Test
    void withoutALimitThereIsNothingToExtend() {
        RunningRequest unlimited = new RunningRequest(
                1, null, new NoClient(), TimeLimits.UNLIMITED, TimeLimits.UNLIMITED);
        unlimited.extend(Duration.ofSeconds(1));
        assertTrue(unlimited.timeLeft().isEmpty());
    }

    /// So many seconds, but for what has passed since before the request began.
    private void assertTimeLeft(int seconds) {
        Duration left = request.timeLeft().orElseThrow();
        Duration passed = Duration.ofNanos(System.nanoTime() - before);
        assertTrue(left.compareTo(Duration.ofSeconds(seconds)) <= 0, left::toString);
        assertTrue(left.plus(passed).compareTo(Duration.ofSeconds(seconds)) >= 0, left + " after " + passed);
    }

    private static RunningRequest request(Duration limit, Duration longest) {
        return new RunningRequest(1, null, new NoClient(), limit.toNanos(), longest.toNanos());
    }
}
