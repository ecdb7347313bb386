package loomgate.server.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import loomgate.server.log.LinePrefix;
import loomgate.server.os.ProcessMemory;
import org.junit.jupiter.api.Test;

class MemoryReportTest {

    @Test
    void itIsUwsgisAndTheHeapBehindIt() {
        assertEquals("{address space usage: 61054976 bytes/58MB} {rss usage: 11481088 bytes/10MB}"
                        + " {heap usage: 12345678 bytes/11MB of 64MB} ",
                MemoryReport.text(new ProcessMemory(61_054_976, 11_481_088), 12_345_678, 64 << 20));
    }

    @Test
    void theLargestProcessThatThereCanBeHasRoomInTheLine() {
        long most = (1L << 47) - 1; // bytes of addresses that Linux gives a process on x86-64
        assertTrue(MemoryReport.text(new ProcessMemory(most, most), most, most).length() <= LinePrefix.LONGEST);
    }

    @Test
    void figuresOfThisProcessAreThere() {
        assertTrue(new MemoryReport().text().matches("\\{address space usage: [1-9]\\d+ bytes/\\d+MB} "
                + "\\{rss usage: [1-9]\\d+ bytes/\\d+MB} \\{heap usage: [1-9]\\d+ bytes/\\d+MB of \\d+MB} "));
    }
}
