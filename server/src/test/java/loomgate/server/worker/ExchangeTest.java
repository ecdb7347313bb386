package loomgate.server.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import loomgate.api.Handler;
import loomgate.api.Response;
import loomgate.server.config.DeadlineSettings;
import loomgate.server.control.EndCause;
import loomgate.server.control.WorkerLabel;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.PeerGone;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.http.HttpCodec;
import loomgate.server.worker.harakiri.Harakiri;
import loomgate.server.worker.harakiri.NoClient;
import loomgate.server.worker.harakiri.RunningRequest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExchangeTest {

    private static final String POST = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

    @TempDir
    private Path folder;

    private final Phase.Current phase = new Phase.Current();
    private long postBuffering;
    private long limitPost;
    private final List<Long> counted = new ArrayList<>();
    private final List<EndCause> causes = new ArrayList<>();
    private final Harakiri harakiri = new Harakiri(
            new DeadlineSettings(Duration.ofSeconds(2), Duration.ofSeconds(2), false, Duration.ofSeconds(3),
                    Duration.ZERO, DeadlineSettings.Cancellation.SAFE),
            new WorkerLabel(1, 1, 1), new Harakiri.Consequences() {
                @Override
                public void answered(RunningRequest request, Codec.Sent sent) {}

                @Override
                public void replaceWorker(EndCause cause, String detail) {
                    causes.add(cause);
                }
            });

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
        void memoryThatRanOutIsA500AndTheEndOfTheWorker() throws Exception {
            assertStatus(500, POST + "12345", request -> {
                throw new IllegalStateException(new OutOfMemoryError("on purpose"));
            });
            assertEquals(List.of(EndCause.OUT_OF_MEMORY), causes);
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

        @Test
        void peerThatIsGoneIsNobodysFaultBehindTheBeginningOfTheAnswerEither() {
            ArrayTransport transport = ArrayTransport.of(ArrayTransport.Then.IS_GONE, POST + "12");
            assertThrows(PeerGone.class, () -> answer(transport, request -> Response.stream("text/plain", out -> {
                out.write(1);
                out.flush();
                try {
                    request.body().readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            })));
            assertTrue(transport.written().startsWith("HTTP/1.1 200 "));
        }
    }

    @Test
    void answerOfAHandlerThatWasForestalledIsNotSent() throws Exception {
        ArrayTransport transport = ArrayTransport.of(POST + "12345");
        RunningRequest answered = answer(transport, request -> {
            harakiri.failInstead(((ServerRequest) request).running());
            assertTrue(request.isCancelled());
            return Response.text("too late");
        });
        assertEquals("", transport.written());
        assertTrue(answered.isCancelled());
        assertEquals(List.of(), counted, "who answers instead counts it");
    }

    @Test
    void failureOfAHandlerThatWasForestalledIsNotSentEither() throws Exception {
        ArrayTransport transport = ArrayTransport.of(POST + "12345");
        answer(transport, request -> {
            harakiri.failInstead(((ServerRequest) request).running());
            throw new InterruptedException();
        });
        assertEquals("", transport.written());
    }

    @Test
    void bodyIsReadBeforeTheHandlerRunsBelowTheThresholdAndAbove() throws Exception {
        for (long threshold : new long[] {1, 4, 5, 6, 1_000_000}) {
            for (String input : List.of(POST + "12345", CHUNKED + "3\r\n123\r\n2\r\n45\r\n0\r\n\r\n")) {
                postBuffering = threshold;
                ArrayTransport transport = ArrayTransport.of(ArrayTransport.Then.FALLS_SILENT, input);
                answer(transport, request -> Response.bytes("text/plain", request.body().readAllBytes()));
                assertTrue(transport.written().endsWith("\r\n\r\n12345"), threshold + ": " + transport.written());
            }
        }
    }

    @Test
    void handlerIsNotCalledForABodyThatDoesNotCome() throws Exception {
        postBuffering = 4;
        assertStatus(400, POST + "12", request -> {
            throw new AssertionError("called");
        });
        assertStatus(400, CHUNKED + "zz\r\n", request -> {
            throw new AssertionError("called");
        });
    }

    @Test
    void bodyThatIsAnnouncedAsTooLargeIsRefusedBeforeAnyOfItIsRead() throws Exception {
        limitPost = 4;
        ArrayTransport transport = ArrayTransport.of(ArrayTransport.Then.FALLS_SILENT,
                POST.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"));
        answer(transport, _ -> {
            throw new AssertionError("called");
        });
        assertEquals("HTTP/1.1 413", transport.written().substring(0, 12));
        assertTrue(transport.written().contains("Connection: close\r\n"), transport.written());
        limitPost = 5;
        assertStatus(200, POST + "12345", request -> Response.bytes("text/plain", request.body().readAllBytes()));
    }

    @Test
    void chunkedBodyIsRefusedWhereItBecomesTooLarge() throws Exception {
        String four = "3\r\n123\r\n1\r\n4\r\n";
        limitPost = 4;
        for (long threshold : new long[] {0, 2, 100}) {
            postBuffering = threshold;
            assertStatus(200, CHUNKED + four + "0\r\n\r\n",
                    request -> Response.bytes("text/plain", request.body().readAllBytes()));
            List<Throwable> seen = new ArrayList<>();
            assertStatus(413, CHUNKED + four + "1\r\n5\r\n", request -> {
                try {
                    return Response.bytes("text/plain", request.body().readAllBytes());
                } catch (IOException e) {
                    seen.add(e);
                    throw new UncheckedIOException(e); // as libraries do
                }
            });
            assertEquals(threshold == 0 ? List.of("the chunked body has more bytes than limit-post = 4") : List.of(),
                    seen.stream().map(Throwable::getMessage).toList());
        }
    }

    @Test
    void handlerMayAnswerABodyThatIsTooLargeItself() throws Exception {
        limitPost = 4;
        ArrayTransport transport = ArrayTransport.of(CHUNKED + "5\r\n12345\r\n0\r\n\r\n");
        answer(transport, request -> {
            assertThrows(IOException.class, () -> request.body().readAllBytes());
            return Response.of(422);
        });
        assertEquals("HTTP/1.1 422", transport.written().substring(0, 12));
        assertTrue(transport.written().contains("Connection: close\r\n"), transport.written());
    }

    @Test
    void bodyThatCannotBeKeptIsA503() throws Exception {
        postBuffering = 4;
        assertStatus(200, POST + "12345", request -> Response.bytes("text/plain", request.body().readAllBytes()));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
        folder = folder.resolve("missing");
        assertStatus(503, POST + "12345", _ -> {
            throw new AssertionError("called");
        });
        assertStatus(200, POST.replace("5", "3") + "123", _ -> Response.text("in memory"));
        PostBuffering.NoRoom failure = assertThrows(PostBuffering.NoRoom.class,
                new PostBuffering(4, folder, new Semaphore(1))::tryOut);
        assertEquals("the request's body cannot be kept in post-buffering-dir = " + folder
                + ": there is no such folder",
                failure.getMessage());
        new PostBuffering(0, folder, new Semaphore(1)).tryOut();
    }

    @Test
    void requestsAreCounted() throws Exception {
        answer(ArrayTransport.of(POST + "12345"), request -> Response.text("done"));
        assertEquals(List.of(1L), counted);
    }

    @Test
    void timeLeftIsHarakirisUntilTheWorkerDrainsSooner() throws Exception {
        long before = System.nanoTime();
        answer(ArrayTransport.of(POST + "12345"), request -> {
            assertIs(2, before, request.timeLeft().orElseThrow());
            assertIs(4, before, request.extendTimeLeft(Duration.ofSeconds(4)).orElseThrow());
            assertIs(4, before, request.extendTimeLeft(Duration.ofSeconds(1)).orElseThrow());
            assertIs(5, before, request.extendTimeLeft(Duration.ofDays(30000)).orElseThrow());
            phase.drainUntil(System.nanoTime() + Duration.ofSeconds(1).toNanos());
            assertIs(1, before, request.timeLeft().orElseThrow());
            assertThrows(IllegalArgumentException.class, () -> request.extendTimeLeft(Duration.ofSeconds(-1)));
            return Response.of(204);
        });
    }

    /// So many seconds, but for what has passed since then.
    private static void assertIs(int seconds, long before, Duration left) {
        Duration passed = Duration.ofNanos(System.nanoTime() - before);
        assertTrue(left.compareTo(Duration.ofSeconds(seconds)) <= 0, left::toString);
        assertTrue(left.plus(passed).compareTo(Duration.ofSeconds(seconds)) >= 0, left + " after " + passed);
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

    private RunningRequest answer(ArrayTransport transport, Handler handler) throws Exception {
        return answer(transport, new RequestGate(1, Duration.ZERO), handler);
    }

    private RunningRequest answer(ArrayTransport transport, RequestGate gate, Handler handler) throws Exception {
        Codec codec = new HttpCodec(transport, new Limits(4096), new Peer("127.0.0.1", 1, "localhost", 2));
        RunningRequest request = harakiri.begin(codec.readHead().orElseThrow(), new NoClient());
        new Exchange(handler, new HandlerThreads.OfTheConnection(), new BodyLimit(limitPost),
                new PostBuffering(postBuffering, folder, new Semaphore(1)), gate, phase,
                new RequestTally(Optional.empty(), counted::add), new Distress((cause, detail) -> causes.add(cause)))
                .answer(codec, request);
        return request;
    }
}
