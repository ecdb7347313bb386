package loomgate.server.representation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import loomgate.api.Headers;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepresentationTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00.5Z");
    private static final Instant MODIFIED = Instant.parse("2026-11-22T12:00:00.123456789Z");
    private static final String DATE = "Sun, 22 Nov 2026 12:00:00 GMT";
    private static final String EARLIER = "Sun, 22 Nov 2026 11:59:59 GMT";
    private static final String LATER = "Sun, 22 Nov 2026 12:00:01 GMT";

    private static final Selection WHOLE = new Selection.Whole();
    private static final Selection PART = new Selection.Part(10, 19);
    private static final Selection NOT_MODIFIED = new Selection.NotModified();
    private static final Selection PRECONDITION_FAILED = new Selection.PreconditionFailed();
    private static final Selection NOT_SATISFIABLE = new Selection.NotSatisfiable();

    /// What the file system says of a file.
    private record Attributes(Object fileKey, long size, FileTime lastModifiedTime) implements BasicFileAttributes {
        @Override
        public FileTime lastAccessTime() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileTime creationTime() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isRegularFile() {
            return true;
        }

        @Override
        public boolean isDirectory() {
            return false;
        }

        @Override
        public boolean isSymbolicLink() {
            return false;
        }

        @Override
        public boolean isOther() {
            return false;
        }
    }

    private static Representation file(String key, long size, Instant modified, String... headers) {
        return Representation.of(Headers.of(headers), new Attributes(key, size, FileTime.from(modified)), NOW);
    }

    private static Representation file(String... headers) {
        return file("(dev=1,ino=2)", 1000, MODIFIED, headers);
    }

    private static String field(Representation representation, String name) {
        return representation.headers().first(name).orElse("absent");
    }

    @Nested
    class Fields {

        @Test
        void validatorsAreAddedBehindTheApplicationsFields() {
            Representation file = file("Content-Type", "text/plain");
            assertTrue(file.headers().toString().matches(
                    "Content-Type: text/plain\nETag: \"[0-9a-f]+-3e8-[0-9a-f]+\"\nLast-Modified: " + DATE
                    + "\nAccept-Ranges: bytes\n"), file.headers()::toString);
        }

        @Test
        void tagIsTheSameAsLongAsTheFileIs() {
            String tag = field(file(), "ETag");
            assertEquals(tag, field(file("X-Other", "1"), "ETag"));
            assertNotEquals(tag, field(file("(dev=1,ino=3)", 1000, MODIFIED), "ETag"), "another file at the same path");
            assertNotEquals(tag, field(file("(dev=1,ino=2)", 1001, MODIFIED), "ETag"));
            assertNotEquals(tag, field(file("(dev=1,ino=2)", 1000, MODIFIED.plusNanos(1)), "ETag"));
        }

        @ParameterizedTest
        @CsvSource({"2026-11-23T11:59:58.999Z, false", "2026-11-23T11:59:59Z, true", "2026-11-23T12:00:00.4Z, true",
                "2026-11-23T12:00:01Z, true", "2030-01-01T00:00:00Z, true"})
        void tagIsWeakWhileAnotherChangeCouldGoUnnoticed(Instant modified, boolean isWeak) {
            assertEquals(isWeak, field(file("(dev=1,ino=2)", 1000, modified), "ETag").startsWith("W/"));
        }

        @Test
        void lastModifiedIsNeverInTheFuture() {
            assertEquals("Mon, 23 Nov 2026 12:00:00 GMT",
                    field(file("(dev=1,ino=2)", 1000, Instant.parse("2030-01-01T00:00:00Z")), "Last-Modified"));
        }

        @Test
        void theApplicationsOwnAreKept() {
            Headers own = Headers.of("etag", "\"v1\"", "last-modified", EARLIER, "accept-ranges", "none");
            assertEquals(own, Representation.of(own, new Attributes("k", 1, FileTime.from(MODIFIED)), NOW).headers());
        }

        @Test
        void theApplicationsOwnHaveToBeValidators() {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> file("ETag", "v1")).getMessage()
                    .endsWith("is no entity-tag, which is a text in quotes: v1"));
            assertTrue(assertThrows(IllegalArgumentException.class, () -> file("Last-Modified", "now")).getMessage()
                    .contains("no date of HTTP"));
        }

        @Test
        void partTellsItsPlace() {
            assertEquals("bytes 10-19/1000",
                    file().headersOf(new Selection.Part(10, 19)).first("Content-Range").orElse(""));
        }

        @Test
        void notModifiedSaysNothingOfTheContent() {
            Headers kept = file("Content-Type", "text/plain", "Content-Encoding", "gzip", "Content-Language", "de",
                    "Cache-Control", "max-age=5", "Vary", "Accept-Encoding", "Content-Location", "/a",
                    "Set-Cookie", "a=1", "ETag", "\"v1\"").headersOfNotModified();
            assertEquals(Headers.of("Cache-Control", "max-age=5", "Vary", "Accept-Encoding", "Content-Location", "/a",
                    "Set-Cookie", "a=1", "ETag", "\"v1\""), kept);
        }
    }

    @Nested
    class Conditions {

        private final Representation file = file("ETag", "\"v2\"");
        private final Representation weak = file("ETag", "W/\"v2\"");

        private void assertGet(Selection expected, Representation of, String... fields) {
            assertEquals(expected, of.selectedBy(true, Headers.of(fields)));
        }

        private void assertBoth(Selection expected, Representation of, String... fields) {
            assertGet(expected, of, fields);
            assertEquals(expected, of.selectedBy(false, Headers.of(fields)), "HEAD");
        }

        @Test
        void withoutConditionsItIsTheWhole() {
            assertBoth(WHOLE, file);
        }

        @Test
        void ifMatchWantsTheSameVersionByStrongComparison() {
            assertBoth(WHOLE, file, "If-Match", "*");
            assertBoth(WHOLE, file, "If-Match", "\"v2\"");
            assertBoth(WHOLE, file, "If-Match", "\"v1\", \"v2\"");
            assertBoth(WHOLE, file, "If-Match", "\"v1\"", "If-Match", "\"v2\"");
            assertBoth(PRECONDITION_FAILED, file, "If-Match", "\"v1\"");
            assertBoth(PRECONDITION_FAILED, file, "If-Match", "W/\"v2\"");
            assertBoth(PRECONDITION_FAILED, weak, "If-Match", "W/\"v2\"");
            assertBoth(PRECONDITION_FAILED, weak, "If-Match", "\"v2\"");
            assertBoth(WHOLE, weak, "If-Match", "*");
        }

        @Test
        void ifMatchThatNamesNoVersionFails() {
            assertBoth(PRECONDITION_FAILED, file, "If-Match", "v2");
            assertBoth(PRECONDITION_FAILED, file, "If-Match", "");
        }

        @Test
        void ifUnmodifiedSinceWantsNoLaterVersion() {
            assertBoth(WHOLE, file, "If-Unmodified-Since", DATE);
            assertBoth(WHOLE, file, "If-Unmodified-Since", LATER);
            assertBoth(PRECONDITION_FAILED, file, "If-Unmodified-Since", EARLIER);
            assertBoth(PRECONDITION_FAILED, file, "If-Unmodified-Since", "Sunday, 06-Nov-94 08:49:37 GMT");
        }

        @Test
        void ifNoneMatchWantsAnotherVersionByWeakComparison() {
            assertBoth(NOT_MODIFIED, file, "If-None-Match", "*");
            assertBoth(NOT_MODIFIED, file, "If-None-Match", "\"v2\"");
            assertBoth(NOT_MODIFIED, file, "If-None-Match", "W/\"v2\"");
            assertBoth(NOT_MODIFIED, weak, "If-None-Match", "\"v2\"");
            assertBoth(NOT_MODIFIED, file, "If-None-Match", "\"v1\", \"v2\", \"v3\"");
            assertBoth(NOT_MODIFIED, file, "If-None-Match", "\"v1\"", "If-None-Match", "\"v2\"");
            assertBoth(WHOLE, file, "If-None-Match", "\"v1\"");
            assertBoth(WHOLE, file, "If-None-Match", "v2");
        }

        @Test
        void ifModifiedSinceWantsALaterVersion() {
            assertBoth(NOT_MODIFIED, file, "If-Modified-Since", DATE);
            assertBoth(NOT_MODIFIED, file, "If-Modified-Since", LATER);
            assertBoth(NOT_MODIFIED, file, "If-Modified-Since", "Sun Nov 22 12:00:00 2026");
            assertBoth(WHOLE, file, "If-Modified-Since", EARLIER);
        }

        @Test
        void datesThatAreNoneOrSeveralAreIgnored() {
            for (String name : new String[] {"If-Modified-Since", "If-Unmodified-Since"}) {
                assertBoth(WHOLE, file, name, "yesterday");
                assertBoth(WHOLE, file, name, "");
                assertBoth(WHOLE, file, name, "Mon, 22 Nov 2026 12:00:00 GMT"); // it was a Sunday
                assertBoth(WHOLE, file, name, EARLIER, name, EARLIER);
                assertBoth(WHOLE, file, name, DATE + "; length=1000"); // of browsers that are long gone
            }
        }

        /// RFC 9110 section 13.2.2, step by step.
        @Test
        void conditionsHaveAnOrder() {
            assertBoth(WHOLE, file, "If-Match", "\"v2\"", "If-Unmodified-Since", EARLIER); // 2 only without 1
            assertBoth(PRECONDITION_FAILED, file, "If-Match", "\"v1\"", "If-None-Match", "\"v2\""); // 1 before 3
            assertBoth(NOT_MODIFIED, file, "If-Match", "\"v2\"", "If-None-Match", "\"v2\""); // 1, then 3
            assertBoth(PRECONDITION_FAILED, file, "If-Unmodified-Since", EARLIER,
                    "If-Modified-Since", DATE); // 2 before 4
            assertBoth(NOT_MODIFIED, file, "If-Unmodified-Since", DATE, "If-Modified-Since", DATE); // 2, then 4
            assertBoth(WHOLE, file, "If-None-Match", "\"v1\"", "If-Modified-Since", DATE); // 4 only without 3
            assertGet(NOT_MODIFIED, file, "If-None-Match", "\"v2\"", "Range", "bytes=10-19"); // 3 before 5
            assertGet(PRECONDITION_FAILED, file, "If-Match", "\"v1\"", "Range", "bytes=5000-"); // 1 before the range
            assertGet(PART, file, "If-Match", "\"v2\"", "If-None-Match", "\"v1\"", "If-Range", "\"v2\"",
                    "Range", "bytes=10-19");
        }

        /// A field that a request may have, and whether its condition is true.
        private record Condition(Optional<Boolean> holds, String... fields) {

            static final Condition NONE = new Condition(Optional.empty());

            static Condition of(String name, String value, boolean holds) {
                return new Condition(Optional.of(holds), name, value);
            }

            /// A field that is as good as none.
            static Condition ignored(String name, String value) {
                return new Condition(Optional.empty(), name, value);
            }

            boolean isFalse() {
                return !holds.orElse(true);
            }
        }

        /// All conditions together, in each state that each of them can be in.
        @Test
        void everyCombinationHasTheOutcomeOfTheStandard() {
            List<Condition> matches = List.of(Condition.NONE, Condition.of("If-Match", "*", true),
                    Condition.of("If-Match", "\"v1\", \"v2\"", true), Condition.of("If-Match", "W/\"v2\"", false));
            List<Condition> unmodified = List.of(Condition.NONE, Condition.of("If-Unmodified-Since", DATE, true),
                    Condition.of("If-Unmodified-Since", EARLIER, false),
                    Condition.ignored("If-Unmodified-Since", "never"));
            List<Condition> noneMatches = List.of(Condition.NONE, Condition.of("If-None-Match", "*", false),
                    Condition.of("If-None-Match", "W/\"v2\"", false), Condition.of("If-None-Match", "\"v1\"", true));
            List<Condition> modified = List.of(Condition.NONE, Condition.of("If-Modified-Since", DATE, false),
                    Condition.of("If-Modified-Since", EARLIER, true), Condition.ignored("If-Modified-Since", "never"));
            List<Condition> ifRanges = List.of(Condition.NONE, Condition.of("If-Range", "\"v2\"", true),
                    Condition.of("If-Range", "W/\"v2\"", false), Condition.of("If-Range", DATE, true),
                    Condition.of("If-Range", LATER, false), Condition.of("If-Range", "never", false));
            for (Condition match : matches) {
                for (Condition since : unmodified) {
                    for (Condition noneMatch : noneMatches) {
                        for (Condition change : modified) {
                            boolean isWanted = match.holds().orElse(!since.isFalse());
                            boolean isNews = noneMatch.holds().orElse(!change.isFalse());
                            for (Condition ifRange : ifRanges) {
                                assertOutcomes(isWanted, isNews, !ifRange.isFalse(),
                                        fields(match, since, noneMatch, change, ifRange));
                            }
                        }
                    }
                }
            }
        }

        private void assertOutcomes(boolean isWanted, boolean isNews, boolean isSame, Headers conditions) {
            Map<String, Selection> ranges = Map.of("bytes=10-19", PART, "bytes=1000-", NOT_SATISFIABLE,
                    "bytes=0-1,2-3", WHOLE, "lines=1-2", WHOLE);
            ranges.forEach((range, selection) -> {
                Headers request = conditions.with("Range", range);
                Selection unconditional = isSame ? selection : WHOLE;
                assertEquals(!isWanted ? PRECONDITION_FAILED : !isNews ? NOT_MODIFIED : unconditional,
                        file.selectedBy(true, request), request::toString);
                assertEquals(!isWanted ? PRECONDITION_FAILED : !isNews ? NOT_MODIFIED : WHOLE,
                        file.selectedBy(false, request), request::toString);
            });
        }

        private static Headers fields(Condition... conditions) {
            return Headers.of(Arrays.stream(conditions).flatMap(condition -> Arrays.stream(condition.fields()))
                    .toArray(String[]::new));
        }

        @Test
        void rangeIsForGetAlone() {
            assertGet(PART, file, "Range", "bytes=10-19");
            assertGet(NOT_SATISFIABLE, file, "Range", "bytes=1000-");
            assertEquals(WHOLE, file.selectedBy(false, Headers.of("Range", "bytes=10-19")));
            assertEquals(WHOLE, file.selectedBy(false, Headers.of("Range", "bytes=1000-")));
        }

        @Test
        void twoFieldsRangeAreIgnored() {
            assertGet(WHOLE, file, "Range", "bytes=10-19", "Range", "bytes=10-19");
        }

        @Test
        void whoeverDoesNotAcceptRangesGivesTheWhole() {
            assertGet(WHOLE, file("Accept-Ranges", "none"), "Range", "bytes=10-19");
            assertGet(WHOLE, file("Accept-Ranges", "none"), "Range", "bytes=1000-");
        }

        @Test
        void ifRangeWantsTheSameVersionOrTheWhole() {
            assertGet(PART, file, "Range", "bytes=10-19", "If-Range", "\"v2\"");
            assertGet(WHOLE, file, "Range", "bytes=10-19", "If-Range", "\"v1\"");
            assertGet(WHOLE, file, "Range", "bytes=1000-", "If-Range", "\"v1\"");
            assertGet(WHOLE, file, "Range", "bytes=10-19", "If-Range", "W/\"v2\"");
            assertGet(WHOLE, weak, "Range", "bytes=10-19", "If-Range", "W/\"v2\"");
            assertGet(WHOLE, file, "Range", "bytes=10-19", "If-Range", "*");
            assertGet(WHOLE, file, "Range", "bytes=10-19", "If-Range", "\"v2\", \"v3\"");
            assertGet(WHOLE, file, "Range", "bytes=10-19", "If-Range", "\"v2\"", "If-Range", "\"v2\"");
        }

        @Test
        void ifRangeWithADateWantsExactlyThatDate() {
            assertGet(PART, file, "Range", "bytes=10-19", "If-Range", DATE);
            assertGet(WHOLE, file, "Range", "bytes=10-19", "If-Range", EARLIER);
            assertGet(WHOLE, file, "Range", "bytes=10-19", "If-Range", LATER);
            assertGet(WHOLE, file, "Range", "bytes=10-19", "If-Range", "yesterday");
        }

        @Test
        void ifRangeWithADateIsNotEnoughForAFileThatMayStillChange() {
            Representation young = file("(dev=1,ino=2)", 1000, NOW);
            assertGet(WHOLE, young, "Range", "bytes=10-19", "If-Range", field(young, "Last-Modified"));
            assertGet(PART, young, "Range", "bytes=10-19");
        }

        @Test
        void ifRangeWithoutRangeIsIgnored() {
            assertGet(WHOLE, file, "If-Range", "\"v1\"");
            assertGet(WHOLE, file, "If-Range", "\"v2\"");
        }

        @ParameterizedTest
        @ValueSource(strings = {DATE, LATER})
        void theApplicationsDateCountsIfItHasOne(String date) {
            assertBoth(NOT_MODIFIED, file("Last-Modified", DATE), "If-Modified-Since", date);
            assertBoth(WHOLE, file("Last-Modified", LATER), "If-Modified-Since", DATE);
            assertFalse(file("Last-Modified", LATER).headers().all("Last-Modified").size() > 1);
        }
    }
}
