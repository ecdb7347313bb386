package loomgate.server.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import loomgate.api.CpuBound;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;
import loomgate.server.net.PeerGone;
import org.junit.jupiter.api.Test;

class HandlerThreadsTest {

    @CpuBound
    private static class Computing implements Handler {
        @Override
        public Response handle(Request request) {
            return Response.of(204);
        }
    }

    private static final class ComputingAsWell extends Computing {}

    private final Handler usual = _ -> Response.of(204);

    @Test
    void usualHandlersRunOnTheConnectionsThread() throws Exception {
        assertInstanceOf(HandlerThreads.OfTheConnection.class, HandlerThreads.of(usual, false));
        Thread[] ran = new Thread[1];
        HandlerThreads.of(usual, false).run(() -> ran[0] = Thread.currentThread());
        assertSame(Thread.currentThread(), ran[0]);
    }

    @Test
    void thoseThatSayThatTheyComputeRunOnThreadsOfTheSystem() throws Exception {
        for (HandlerThreads threads : new HandlerThreads[] {
            HandlerThreads.of(new Computing(), false), HandlerThreads.of(new ComputingAsWell(), false),
            HandlerThreads.of(usual, true)
        }) {
            Thread[] ran = new Thread[1];
            threads.run(() -> ran[0] = Thread.currentThread());
            assertNotSame(Thread.currentThread(), ran[0]);
            assertTrue(!ran[0].isVirtual() && ran[0].isDaemon());
        }
    }

    @Test
    void whatTheWorkThrowsComesBack() {
        HandlerThreads threads = HandlerThreads.of(new Computing(), false);
        assertEquals("gone", assertThrows(PeerGone.class, () -> threads.run(() -> {
            throw new PeerGone("gone");
        })).getMessage());
        assertThrows(ResponseCut.class, () -> threads.run(() -> {
            throw new ResponseCut();
        }));
        assertThrows(IllegalStateException.class, () -> threads.run(() -> {
            throw new IllegalStateException();
        }));
        assertThrows(StackOverflowError.class, () -> threads.run(() -> {
            throw new StackOverflowError();
        }));
    }

    @Test
    void interruptOfTheConnectionsThreadDoesNotEndTheWait() throws Exception {
        int[] done = new int[1];
        Thread.currentThread().interrupt();
        HandlerThreads.of(usual, true).run(() -> done[0] = 1);
        assertEquals(1, done[0]);
    }
}
