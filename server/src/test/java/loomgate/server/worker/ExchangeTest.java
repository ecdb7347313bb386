package loomgate.server.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import loomgate.api.Handler;
import loomgate.api.Response;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.PeerGone;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.http.HttpCodec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ExchangeTest {

    private static final String POST = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final Phase.Current phase = new Phase.Current();

    @Nested
    class Failures {

        @Test
        void handlerThatThrowsIsA500() throws Exception {
            assertStatus(500, POST + "12345", request -> {
                throw new IllegalStateException("on purpose");
            });
        }

        @Test
        void errorsAreA500AsWell() throws Exception {
            assertStatus(500, POST + "12345", request -> {
                throw new StackOverflowError();
            });
        }

        @Test
        void nullIsA500() throws Exception {
            assertStatus(500, POST + "12345", request -> null);
        }

        @Test
        void fileThatTheHandlerMissesIsA500() throws Exception {
            assertStatus(500, POST + "12345", request -> {
                throw new NoSuchFileException("its own configuration");
            });
        }

        @Test
        void fileThatTheResponseMissesIsA404() throws Exception {
            assertStatus(404, POST + "12345", request -> Response.file("text/plain", Path.of("/nowhere/at/all")));
        }

        @Test
        void bodyThatIsTooLargeForTheHandlerIsA413() throws Exception {
            assertStatus(413, POST + "12345", request -> Response.bytes("text/plain", request.body(4)));
        }

        @Test
        void malformedBodyIsTheClientsFaultHoweverItIsWrapped() throws Exception {
            assertStatus(400, CHUNKED + "zz\r\n", request -> {
                try {
                    return Response.bytes("text/plain", request.body().readAllBytes());
                } catch (IOException e) {
                    throw new IllegalArgumentException(new UncheckedIOException(e));
                }
            });
        }

        @Test
        void peerThatIsGoneIsNobodysFaultHoweverItIsWrapped() {
            ArrayTransport transport = ArrayTransport.of(ArrayTransport.Then.IS_GONE, POST + "12");
            assertThrows(PeerGone.class, () -> answer(transport, request -> {
                try {
                    return Response.bytes("text/plain", request.body().readAllBytes());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }

        @Test
        void streamThatFailsBeforeAnythingHasLeftIsA500() throws Exception {
            assertStatus(500, POST + "12345", request -> Response.stream("text/plain", out -> {
                out.write(1);
                throw new IllegalStateException("on purpose");
            }));
        }

        @Test
        void streamThatFailsLaterIsCut() {
            ArrayTransport transport = ArrayTransport.of(POST + "12345");
            assertThrows(ResponseCut.class, () -> answer(transport, request -> Response.stream("text/plain", out -> {
                out.write(1);
                out.flush();
                throw new IllegalStateException("on purpose");
            })));
            assertTrue(transport.written().startsWith("HTTP/1.1 200 "));
        }
    }

    @Test
    void whoDrainsAfterTheHandlerHasBegunStillSaysSo() throws Exception {
        ArrayTransport transport = ArrayTransport.of(POST + "12345");
        answer(transport, request -> {
            phase.drainUntil(System.nanoTime() + Duration.ofSeconds(5).toNanos());
            return Response.text("done");
        });
        assertTrue(transport.written().contains("Connection: close\r\n"), transport.written());
    }

    @Test
    void requestThatFindsAllThreadsBusyIsAskedToComeAgain() throws Exception {
        ArrayTransport transport = ArrayTransport.of(POST + "12345");
        RequestGate closed = new RequestGate(1, Duration.ZERO);
        assertTrue(closed.enter());
        answer(transport, closed, request -> Response.text("not reached"));
        assertTrue(transport.written().startsWith("HTTP/1.1 503 Service Unavailable\r\n"));
        assertTrue(transport.written().contains("\r\nRetry-After: 1\r\n"));
    }

    private void assertStatus(int status, String input, Handler handler) throws Exception {
        ArrayTransport transport = ArrayTransport.of(input);
        answer(transport, handler);
        assertEquals("HTTP/1.1 " + status, transport.written().substring(0, 12));
    }

    private void answer(ArrayTransport transport, Handler handler) throws Exception {
        answer(transport, new RequestGate(1, Duration.ZERO), handler);
    }

    private void answer(ArrayTransport transport, RequestGate gate, Handler handler) throws Exception {
        Codec codec = new HttpCodec(transport, new Limits(4096), new Peer("127.0.0.1", 1, "localhost", 2));
        new Exchange(handler, gate, phase, Optional.empty()).answer(codec, codec.readHead().orElseThrow());
    }
}
