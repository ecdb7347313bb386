package loomgate.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import loomgate.server.config.ini.Machine;
import org.junit.jupiter.api.Test;

class WorkerSettingsTest {

    @Test
    void connectionsFitIntoTheFilesThatMayBeOpen() {
        WorkerSettings settings = settings("--max-connections", "10000");
        assertEquals(10_256, settings.openFilesNeeded());
        assertEquals(10_000, settings.connectionsWithin(10_256));
        assertEquals(9_999, settings.connectionsWithin(10_255));
        assertEquals(10_000, settings.connectionsWithin(Long.MAX_VALUE));
        assertEquals(768, settings.connectionsWithin(1024));
        assertEquals(1, settings.connectionsWithin(64));
    }

    @Test
    void aBodyInAFileIsAFileOfItsConnection() {
        WorkerSettings settings = settings("--max-connections", "10000", "--post-buffering", "8192");
        assertEquals(12_756, settings.openFilesNeeded());
        assertEquals(10_000, settings.connectionsWithin(12_756));
        assertEquals(2_500, settings.bodiesInFilesWithin(12_756));
        assertEquals(9_999, settings.connectionsWithin(12_755));
        assertEquals(9_744, settings.bodiesInFilesWithin(20_000));
        assertEquals(614, settings.connectionsWithin(1024));
        assertEquals(154, settings.bodiesInFilesWithin(1024));
        assertEquals(1, settings.connectionsWithin(64));
        assertEquals(1, settings.bodiesInFilesWithin(64));
    }

    private static WorkerSettings settings(String... words) {
        List<String> all = new ArrayList<>(List.of("--module", "a.B", "--http", ":80"));
        all.addAll(List.of(words));
        return ConfigurationReading.of(
                all, Map.of(), Path.of("/"), new Machine("web1", 4, "33", "www-data", "34", "web"))
                .configuration().worker();
    }
}
