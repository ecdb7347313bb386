package sample;

import loomgate.api.Body;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// `/large?bytes=1000000`: a body of known length, made while it is sent. The byte at `i` is `i % 251`, so that a
/// client can tell whether a piece is missing.
final class LargePage implements Handler {

    private static final long ONE_GIB = 1L << 30;
    private static final int PERIOD = 251; // a prime: no block size of a buffer or a network is a multiple of it
    private static final byte[] BLOCK = new byte[PERIOD * 256];

    static {
        for (int i = 0; i < BLOCK.length; i++) {
            BLOCK[i] = (byte) (i % PERIOD);
        }
    }

    @Override
    public Response handle(Request request) throws BadParameter {
        long length = new Parameters(request).number("bytes", 1_000_000, ONE_GIB);
        return Response.stream("application/octet-stream", length, writer(length));
    }

    private static Body.Writer writer(long length) {
        return out -> {
            for (long left = length; left > 0; left -= BLOCK.length) {
                out.write(BLOCK, 0, (int) Math.min(left, BLOCK.length));
            }
        };
    }
}
