package loomgate.server.config.ini;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {

    private static final List<String> KNOWN = List.of("processes", "threads", "socket", "max-requests", "uid", "gid");

    @ParameterizedTest
    @CsvSource({"proceses,processes", "porcesses,processes", "THREADS,threads", "max_requests,max-requests",
            "maxrequests,max-requests", "sokcet,socket", "uuid,uid", "socket,socket"})
    void mistypedNameIsRecognized(String typed, String meant) {
        assertEquals(Optional.of(meant), Spelling.nearest(typed, KNOWN));
    }

    @ParameterizedTest
    @CsvSource({"colour", "base", "x", "process-of-elimination"})
    void otherNameIsLeftAlone(String typed) {
        assertEquals(Optional.empty(), Spelling.nearest(typed, KNOWN));
    }
}
