package loomgate.server.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RequestLineTest {

    private static final long STARTED = 1_767_225_600_000L;

    @Test
    void lineIsUwsgis() {
        String line = text(line("10.0.0.7", "eve", "GET", "/a?b=c", "HTTP/1.1"));
        assertTrue(line.matches("\\[pid: 42\\|app: 0\\|req: 9/9\\] 10\\.0\\.0\\.7 \\(eve\\) \\{31 vars in 512 bytes\\}"
                + " \\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-3]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}\\] GET /a\\?b=c => generated"
                + " 6 bytes in 12 msecs \\(HTTP/1\\.1 200\\) 2 headers in 77 bytes \\(1 switches on core 0\\)\n"),
                line);
    }

    @Test
    void dayOfTheMonthIsPaddedWithASpaceAsCtimeDoes() {
        String line = text(
                new RequestLine(1, "", "", 0, 0, STARTED + 3 * 86_400_000L, "GET", "/", 0, 0, "", 200, 0, 0));
        assertTrue(line.contains(" Jan  3 ") || line.contains(" Jan  4 ") || line.contains(" Jan  5 "), line);
    }

    @Test
    void whatComesFromOutsideCannotEndTheLineOrSteerATerminal() {
        String rude = "a\nb\r\u001b[2Jc\u007fd\u0000e\u009bf\u00ffg";
        String line = text(line(rude, rude, rude, rude, rude));
        assertEquals(line.length() - 1, line.indexOf('\n'));
        assertTrue(line.chars().allMatch(c -> c == '\n' || c >= ' ' && c < 0x7f), line);
        assertEquals(5,
                line.split("a\\\\x0ab\\\\x0d\\\\x1b\\[2Jc\\\\x7fd\\\\x00e\\\\x9bf\\\\xffg", -1).length - 1, line);
    }

    @Test
    void noLineIsLongerThanAPipeTakesWhole() {
        for (String character : new String[] {"a", "\n"}) {
            String long_ = character.repeat(65_536);
            RequestLine line = new RequestLine(Long.MAX_VALUE, long_, long_, Integer.MAX_VALUE, Integer.MAX_VALUE,
                    STARTED, long_, long_, Long.MAX_VALUE, Long.MAX_VALUE, long_, 599, Integer.MAX_VALUE,
                    Integer.MAX_VALUE);
            StringBuilder text = new StringBuilder();
            line.appendTo(text, Long.MAX_VALUE);
            assertTrue(LinePrefix.LONGEST + text.length() <= LogLine.LONGEST, () -> "" + text.length());
            assertTrue(text.indexOf("...") > 0);
        }
    }

    @Test
    void anEscapeIsNeverCutInTwo() {
        for (int before = 0; before < 8; before++) {
            String line = text(line("", "", "GET", "/".repeat(3065 + before) + "\n\n", ""));
            assertTrue(line.matches("(?s).*/+(\\\\x0a)*(\\.\\.\\.)? => generated.*"), line);
        }
    }

    @Test
    void textIsPutBehindWhatIsThere() {
        StringBuilder text = new StringBuilder("before\n");
        line("", "", "GET", "/", "").appendTo(text, 1);
        assertTrue(text.indexOf("before\n[pid: 1|") == 0);
    }

    private static RequestLine line(String address, String user, String method, String uri, String protocol) {
        return new RequestLine(9, address, user, 31, 512, STARTED, method, uri, 6, 12_999_999, protocol, 200, 2, 77);
    }

    private static String text(RequestLine line) {
        StringBuilder text = new StringBuilder();
        line.appendTo(text, 42);
        return text.toString();
    }
}
