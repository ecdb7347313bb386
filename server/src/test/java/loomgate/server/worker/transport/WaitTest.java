package loomgate.server.worker.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WaitTest {

    private final Wait wait = new Wait();

    @Test
    void thereIsNoneAtFirst() {
        assertFalse(wait.isInProgress());
        assertEquals(Wait.NONE, wait.deadline());
    }

    @Test
    void itIsInProgressUntilItsOwnerEndsIt() {
        wait.beginReading(10);
        assertTrue(wait.isInProgress());
        assertFalse(wait.isWriting());
        assertEquals(10, wait.deadline());
        assertFalse(wait.endReading());
        assertFalse(wait.isInProgress());
        wait.beginWriting(20);
        assertTrue(wait.isInProgress());
        assertTrue(wait.isWriting());
        assertEquals(20, wait.deadline());
        wait.endWriting();
        assertFalse(wait.isInProgress());
        assertFalse(wait.isWriting());
    }

    @Test
    void anExpiredOneIsStillInProgressButHasNothingToExpire() {
        wait.beginReading(10);
        assertTrue(wait.expire(10));
        assertTrue(wait.isInProgress());
        assertEquals(Wait.NONE, wait.deadline());
        assertFalse(wait.expire(10));
        assertTrue(wait.endReading());
        assertFalse(wait.isInProgress());
    }

    @Test
    void theNextOneHasNotExpired() {
        wait.beginReading(10);
        wait.expire(10);
        wait.endReading();
        wait.beginReading(20);
        assertFalse(wait.endReading());
    }

    @Test
    void whatIsDoneToOneThatHasEndedIsNotDoneToTheNext() {
        wait.beginReading(10);
        wait.endReading();
        assertFalse(wait.expire(10));
        wait.beginWriting(20);
        assertFalse(wait.expire(10));
        wait.extend(10, 30);
        assertEquals(20, wait.deadline());
    }

    @Test
    void aWaitForInputIsShortened() {
        wait.beginReading(10);
        wait.shorten(10, 5);
        assertEquals(5, wait.deadline());
        wait.shorten(5, 7);
        assertEquals(5, wait.deadline());
    }

    @Test
    void aWriteIsNotShortened() {
        wait.beginWriting(10);
        wait.shorten(10, 5);
        assertEquals(10, wait.deadline());
    }

    @Test
    void oneThatIsNotInProgressIsNotShortened() {
        wait.shorten(Wait.NONE, 5);
        assertFalse(wait.isInProgress());
        wait.beginReading(10);
        wait.expire(10);
        wait.shorten(wait.deadline(), 5);
        assertEquals(Wait.NONE, wait.deadline());
        assertTrue(wait.endReading());
    }

    @Test
    void whoHasLookedAtAnotherWaitDoesNotShortenThisOne() {
        wait.beginReading(10);
        wait.endReading();
        wait.beginReading(20);
        wait.shorten(10, 5);
        assertEquals(20, wait.deadline());
    }

    @Test
    void whereThereIsNothingToHurryNoneIsShortened() {
        wait.beginReading(10);
        wait.shorten(10, ReadTimes.NEVER);
        assertEquals(10, wait.deadline());
    }

    @Test
    void aWriteIsExtended() {
        wait.beginWriting(10);
        wait.extend(10, 30);
        assertEquals(30, wait.deadline());
        assertTrue(wait.isWriting());
        assertFalse(wait.expire(10));
        assertTrue(wait.expire(30));
    }
}
