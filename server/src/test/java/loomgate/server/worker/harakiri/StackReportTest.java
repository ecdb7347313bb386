package loomgate.server.worker.harakiri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class StackReportTest {

    private static final StackTraceElement SLEEP = frame("java.lang.Thread", "sleep");
    private static final StackTraceElement REPORT = frame("shop.Report", "render");
    private static final StackTraceElement SHOP = frame("shop.Shop", "handle");
    private static final StackTraceElement EXCHANGE = frame("loomgate.server.worker.Exchange", "callAndSend");
    private static final StackTraceElement RUN = frame("java.lang.VirtualThread", "run");

    @Test
    void placeIsTheInnermostLineOfTheApplication() {
        assertEquals("shop.Report.render(F.java:1)", report(SLEEP, REPORT, SHOP, EXCHANGE, RUN).place());
    }

    @Test
    void placeWithoutAnyIsWhereItIs() {
        assertEquals("java.lang.Thread.sleep(F.java:1)", report(SLEEP, EXCHANGE).place());
        assertTrue(report().place().startsWith("no line of code"));
    }

    @Test
    void textLeavesOutTheServersEnd() {
        assertEquals("\n    at java.lang.Thread.sleep(F.java:1)\n    at shop.Shop.handle(F.java:1)",
                report(SLEEP, SHOP, EXCHANGE, RUN).text());
    }

    @Test
    void stackOfTheServerAloneIsShownWhole() {
        assertEquals("\n    at java.lang.Thread.sleep(F.java:1)\n"
                + "    at loomgate.server.worker.Exchange.callAndSend(F.java:1)",
                report(SLEEP, EXCHANGE).text());
    }

    @Test
    void stateIsToldWithWhatItWaitsIn() {
        assertEquals("waiting in java.lang.Thread.sleep", report(SLEEP, SHOP).activity());
    }

    @Test
    void threadThatIsNotThereIsNowhere() {
        assertEquals("not running", StackReport.of(null).activity());
    }

    private static StackReport report(StackTraceElement... frames) {
        return new StackReport(Thread.State.TIMED_WAITING, List.of(frames));
    }

    private static StackTraceElement frame(String type, String method) {
        return new StackTraceElement(type, method, "F.java", 1);
    }
}
