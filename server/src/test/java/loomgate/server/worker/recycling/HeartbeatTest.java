package loomgate.server.worker.recycling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeartbeatTest {

    /// What the collectors of OpenJDK 25 call themselves.
    @ParameterizedTest
    @CsvSource({
        "G1 Young Generation, true",
        "G1 Old Generation, true",
        "G1 Concurrent GC, true",
        "Copy, true",
        "MarkSweepCompact, true",
        "PS Scavenge, true",
        "ZGC Minor Pauses, true",
        "ZGC Minor Cycles, false",
        "ZGC Major Cycles, false",
        "Shenandoah Pauses, true",
        "Shenandoah Cycles, false",
    })
    void collectionsBesideTheApplicationDoNotCountAsItsStandstill(String collector, boolean stops) {
        assertEquals(stops, Heartbeat.stopsTheApplication(collector));
    }
}
