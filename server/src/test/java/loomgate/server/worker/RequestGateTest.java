package loomgate.server.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class RequestGateTest {

    @Test
    void asManyEnterAsThereAreThreads() throws InterruptedException {
        RequestGate gate = new RequestGate(2, Duration.ZERO);
        assertTrue(gate.enter());
        assertTrue(gate.enter());
        assertFalse(gate.enter());
        gate.leave();
        assertTrue(gate.enter());
    }

    @Test
    void whoWaitsEntersWhenAnotherLeaves() throws InterruptedException {
        RequestGate gate = new RequestGate(1, Duration.ofSeconds(15));
        assertTrue(gate.enter());
        List<Boolean> entered = new CopyOnWriteArrayList<>();
        Thread waiting = Thread.ofPlatform().start(() -> entered.add(enter(gate)));
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        gate.leave();
        waiting.join();
        assertEquals(List.of(true), entered);
    }

    @Test
    void theWaitEnds() throws InterruptedException {
        RequestGate gate = new RequestGate(1, Duration.ofMillis(50));
        assertTrue(gate.enter());
        long before = System.nanoTime();
        assertFalse(gate.enter());
        assertTrue(System.nanoTime() - before >= 50_000_000);
    }

    @Test
    void anInterruptEndsTheWaitAndTakesNoPlace() throws InterruptedException {
        RequestGate gate = new RequestGate(1, Duration.ofSeconds(15));
        assertTrue(gate.enter());
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, gate::enter);
        gate.leave();
        assertTrue(gate.enter());
    }

    private static boolean enter(RequestGate gate) {
        try {
            return gate.enter();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
