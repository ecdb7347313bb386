package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import loomgate.server.master.table.TableEvent;
import loomgate.server.master.table.TableEvent.MemorySeen;
import org.junit.jupiter.api.Test;

class MemorySamplerTest {

    private static final int SELF = (int) ProcessHandle.current().pid();

    private final LinkedBlockingQueue<TableEvent> events = new LinkedBlockingQueue<>();

    @Test
    void tellsWhatTheKernelSaysOfThoseThatLive() throws Exception {
        new MemorySampler(Set.of(SELF, Integer.MAX_VALUE), () -> true, events::add).start();
        MemorySeen seen = (MemorySeen) events.poll(10, TimeUnit.SECONDS);
        assertEquals(SELF, seen.pid());
        assertTrue(seen.resident() > 10 << 20 && seen.addressSpace() > seen.resident(), seen::toString);
    }

    @Test
    void goesOnWhateverHappens() throws Exception {
        Consumer<TableEvent> firstFails = new Consumer<>() {
            private int calls;

            @Override
            public void accept(TableEvent event) {
                if (calls++ == 0) {
                    throw new OutOfMemoryError("as if");
                }
                events.add(event);
            }
        };
        new MemorySampler(Set.of(SELF), () -> true, firstFails).start();
        assertNotNull(events.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void looksAtNobodyUntilThereIsALimit() throws Exception {
        AtomicInteger questions = new AtomicInteger();
        new MemorySampler(Set.of(SELF), () -> questions.incrementAndGet() > 2, events::add).start();
        assertNotNull(events.poll(10, TimeUnit.SECONDS));
        assertEquals(3, questions.get());
    }
}
