package loomgate.server.protocol.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.ArrayTransport.Then;
import loomgate.server.protocol.Conversation;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.fuzz.Outcome.Seen;

/// A codec with its limits, and what has to hold for every codec.
record Parser(Conversation.Protocol protocol, Limits limits) {

    private static final Peer PEER = new Peer("192.0.2.7", 40123, "192.0.2.1", 8080);

    private static final int MOST_CUTS = 4;

    /// Bytes of memory that a connection may cost at most, and for each byte that came in. What the peer says about
    /// bytes that are still to come must cost nothing; a uwsgi packet's 64 KiB excepted.
    private static final long MEMORY = 256 * 1024;

    private static final long MEMORY_FOR_EACH_BYTE = 1024;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// What becomes of a connection whose peer sends these portions and ends its stream.
    Outcome outcome(byte[]... portions) throws Exception {
        return outcome(Then.ENDS, true, portions);
    }

    private Outcome outcome(Then then, boolean isBodyRead, byte[]... portions) throws Exception {
        ArrayTransport transport = new ArrayTransport(then, portions);
        return Outcome.of(transport, protocol.on(transport, limits, PEER), then, isBodyRead);
    }

    /// The outcome of these bytes, after asserting all that holds for it in every protocol.
    Outcome checkedOutcome(byte[] bytes) throws Exception {
        Outcome whole = modestOutcome(bytes);
        whole.requests().forEach(Parser::requireSafe);
        byte[][] single = single(bytes);
        byte[][] cut = cut(bytes);
        require(whole, outcome(single), "byte by byte");
        require(whole, outcome(cut), "cut");
        Outcome unread = outcome(Then.ENDS, false, bytes);
        require(unread, outcome(Then.ENDS, false, single), "byte by byte, bodies not read");
        require(heads(whole).subList(0, unread.requests().size()), unread.requests(), "bodies not read");
        require(whole.requests(), outcome(Then.FALLS_SILENT, true, cut).requests(), "with a peer that falls silent");
        require(whole.requests(), outcome(Then.IS_GONE, true, cut).requests(), "with a peer that goes away");
        return whole;
    }

    /// What a log, a router and a file system rely on.
    private static void requireSafe(Seen seen) {
        for (String text : List.of(seen.method(), seen.uri(), seen.query(), seen.protocol(), seen.remoteAddress(),
                seen.remoteUser())) {
            for (int i = 0; i < text.length(); i++) {
                if (text.charAt(i) < ' ' || text.charAt(i) == 0x7f) {
                    throw new AssertionError("a control character in " + seen);
                }
            }
        }
        if (seen.path().isEmpty() || seen.path().indexOf('\0') >= 0) {
            throw new AssertionError("an empty path, or a NUL in it: " + seen);
        }
        for (String segment : seen.path().split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new AssertionError("a dot segment in the path of " + seen);
            }
        }
    }

    /// Measured a second time if it was too much: classes are loaded once.
    private Outcome modestOutcome(byte[] bytes) throws Exception {
        long bound = MEMORY + MEMORY_FOR_EACH_BYTE * bytes.length;
        for (int i = 0; i < 2; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            Outcome outcome = outcome(bytes);
            if (THREADS.getCurrentThreadAllocatedBytes() - before <= bound) {
                return outcome;
            }
        }
        throw new AssertionError("more than " + bound + " bytes of memory for " + bytes.length + " that came in");
    }

    private static byte[][] single(byte[] bytes) {
        byte[][] single = new byte[bytes.length][];
        for (int i = 0; i < bytes.length; i++) {
            single[i] = new byte[] {bytes[i]};
        }
        return single;
    }

    /// Portions that are always the same for the same bytes.
    private static byte[][] cut(byte[] bytes) {
        Random random = new Random(Arrays.hashCode(bytes));
        int[] cuts = random.ints(random.nextInt(1, MOST_CUTS + 1), 0, bytes.length + 1).sorted().toArray();
        byte[][] portions = new byte[cuts.length + 1][];
        int from = 0;
        for (int i = 0; i < cuts.length; i++) {
            portions[i] = Arrays.copyOfRange(bytes, from, cuts[i]);
            from = cuts[i];
        }
        portions[cuts.length] = Arrays.copyOfRange(bytes, from, bytes.length);
        return portions;
    }

    /// The requests, as if nobody had read their bodies.
    private static List<Seen> heads(Outcome outcome) {
        return outcome.requests().stream().map(seen -> seen.withBody(null)).toList();
    }

    static void require(Object expected, Object actual, String when) {
        if (!expected.equals(actual)) {
            throw new AssertionError("another outcome " + when + "\nexpected: " + expected + "\nactual:   " + actual);
        }
    }
}
