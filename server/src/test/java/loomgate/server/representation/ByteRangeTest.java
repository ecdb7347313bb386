package loomgate.server.representation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {

    private static final Selection WHOLE = new Selection.Whole();
    private static final Selection NOT_SATISFIABLE = new Selection.NotSatisfiable();

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 0", "bytes=0-499, 0, 499", "bytes=500-999, 500, 999", "bytes=9500-, 9500, 9999",
        "bytes=-500, 9500, 9999", "bytes=-1, 9999, 9999", "bytes=0-, 0, 9999", "bytes=-10000, 0, 9999",
        "bytes=-99999, 0, 9999", "bytes=9999-, 9999, 9999", "bytes=9000-10000, 9000, 9999",
        "bytes=0-99999999999999999999999, 0, 9999", "bytes=-99999999999999999999999, 0, 9999", "BYTES=1-2, 1, 2",
        "bytes=0001-0002, 1, 2"})
    void rangeWithinIsAPart(String field, long first, long last) {
        assertEquals(new Selection.Part(first, last), ByteRange.select(field, 10_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=10000-", "bytes=10000-10000", "bytes=99999999999999999999999-", "bytes=-0",
            "bytes=-000", "bytes=9223372036854775808-"})
    void rangeBehindTheEndHasNoBytes(String field) {
        assertEquals(NOT_SATISFIABLE, ByteRange.select(field, 10_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "bytes", "bytes=", "bytes=-", "bytes=,", "bytes=a-b", "bytes=1", "bytes=2-1", "bytes=20000-19999",
        "bytes=1-2-3", "bytes=--1", "bytes=+1-2", "bytes=1 - 2", "bytes = 1-2", " bytes=1-2", "bytes:1-2",
        "lines=1-2", "none", "bytes=0x1-2", "bytes=1.0-2", "bytes=\u0661-\u0662", "bytes=-1-2"})
    void whatIsInvalidOrOfAnotherUnitIsIgnored(String field) {
        assertEquals(WHOLE, ByteRange.select(field, 10_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-1,2-3", "bytes=0-0, -1", "bytes=0-,0-,0-", "bytes=20000-,30000-"})
    void severalRangesAreTheWhole(String field) {
        assertEquals(WHOLE, ByteRange.select(field, 10_000));
    }

    @Test
    void thousandsOfRangesAreTheWhole() {
        assertEquals(WHOLE, ByteRange.select("bytes=" + "0-,".repeat(20_000), 10_000));
        assertEquals(WHOLE, ByteRange.select("bytes=" + ",".repeat(60_000), 10_000));
        assertEquals(WHOLE, ByteRange.select("bytes=" + "1".repeat(60_000) + "-", 10_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=,1-2", "bytes= 1-2", "bytes=1-2,", "bytes=, ,\t1-2 , ,"})
    void emptyMembersOfTheListDoNotCount(String field) {
        assertEquals(new Selection.Part(1, 2), ByteRange.select(field, 10_000));
    }

    @Test
    void whatHasNoBytesHasNoPart() {
        assertEquals(NOT_SATISFIABLE, ByteRange.select("bytes=0-", 0));
        assertEquals(NOT_SATISFIABLE, ByteRange.select("bytes=0-0", 0));
        assertEquals(NOT_SATISFIABLE, ByteRange.select("bytes=-0", 0));
        assertEquals(WHOLE, ByteRange.select("bytes=-1", 0));
    }

    @Test
    void lengthsAreNotLimitedByAnInteger() {
        long length = Long.MAX_VALUE;
        assertEquals(new Selection.Part(length - 1, length - 1), ByteRange.select("bytes=-1", length));
        assertEquals(new Selection.Part(3_000_000_000L, length - 1),
                ByteRange.select("bytes=3000000000-9223372036854775807", length));
    }
}
