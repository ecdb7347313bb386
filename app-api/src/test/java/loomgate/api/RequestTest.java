package loomgate.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import loomgate.api.testing.TestRequest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RequestTest {

    @Nested
    class BodyOfLimitedSize {

        private final byte[] ten = "0123456789".getBytes();

        @Test
        void isReadUpToTheLimitItself() throws IOException {
            assertArrayEquals(ten, TestRequest.post("/", ten).body(10));
            assertArrayEquals(ten, TestRequest.post("/", ten).body(Integer.MAX_VALUE));
            assertArrayEquals(ten, ofUnknownLength().body(10));
        }

        @Test
        void oneByteMoreIsTooLarge() {
            assertThrows(BodyTooLargeException.class, () -> TestRequest.post("/", ten).body(9));
            assertThrows(BodyTooLargeException.class, () -> ofUnknownLength().body(9));
        }

        @Test
        void statedLengthIsRefusedBeforeAnythingIsRead() throws IOException {
            InputStream unread = new ByteArrayInputStream(ten);
            Request request = TestRequest.of("POST", "/").withBody(unread, 10);

            BodyTooLargeException refusal = assertThrows(BodyTooLargeException.class, () -> request.body(3));

            assertEquals("the request body is larger than 3 bytes", refusal.getMessage());
            assertEquals(10, unread.available());
        }

        @Test
        void nothingIsAllowedToBeEmpty() throws IOException {
            assertEquals(0, TestRequest.get("/").body(0).length);
            assertThrows(BodyTooLargeException.class, () -> ofUnknownLength().body(0));
        }

        @Test
        void whatHasBeenReadDoesNotCount() throws IOException {
            Request request = ofUnknownLength();
            request.body().readNBytes(4);

            assertArrayEquals(Arrays.copyOfRange(ten, 4, 10), request.body(6));
        }

        @Test
        void negativeLimitIsRefused() {
            assertThrows(IllegalArgumentException.class, () -> TestRequest.get("/").body(-1));
        }

        private Request ofUnknownLength() {
            return TestRequest.of("POST", "/").withBody(new ByteArrayInputStream(ten), -1);
        }
    }

    @Nested
    class Parameter {

        @Test
        void isDecodedAsAForm() {
            assertEquals(Optional.of("a b&c=d+é"), parameter("x", "x=a+b%26c=d%2B%C3%A9"));
            assertEquals(Optional.of("1"), parameter("a b", "a%20b=1"));
        }

        @Test
        void firstValueWins() {
            assertEquals(Optional.of("1"), parameter("x", "y=0&x=1&x=2"));
        }

        @Test
        void withoutValueIsEmptyText() {
            assertEquals(Optional.of(""), parameter("x", "x"));
            assertEquals(Optional.of(""), parameter("x", "a=1&x="));
        }

        @Test
        void absentIsEmpty() {
            assertEquals(Optional.empty(), parameter("x", ""));
            assertEquals(Optional.empty(), parameter("x", "&&"));
            assertEquals(Optional.empty(), parameter("x", "X=1&xx=2&y=x"));
            assertEquals(Optional.empty(), parameter("", "&"));
        }

        @Test
        void brokenEncodingIsRefused() {
            assertThrows(IllegalArgumentException.class, () -> parameter("x", "x=%zz"));
            assertThrows(IllegalArgumentException.class, () -> parameter("x", "x=%4"));
        }

        private static Optional<String> parameter(String name, String query) {
            return TestRequest.get("/?" + query).parameter(name);
        }
    }
}
