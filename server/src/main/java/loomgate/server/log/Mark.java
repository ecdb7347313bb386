package loomgate.server.log;

import java.util.concurrent.CountDownLatch;

/// No line, but the place between two: tells when all before it is written.
record Mark(CountDownLatch written) implements LogLine {

    @Override
    public void appendTo(StringBuilder line, long pid) {}
}
