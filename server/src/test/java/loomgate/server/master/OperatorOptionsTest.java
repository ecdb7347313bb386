package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorOptionsTest {

    @ParameterizedTest
    @CsvSource({"-Xmx1048576, 1048576", "-Xmx8k, 8192", "-Xmx300m, 314572800", "-Xmx2G, 2147483648",
            "-Xmx1t, 1099511627776"})
    void sizesHaveTheJvmsUnits(String option, long bytes) {
        assertEquals(OptionalLong.of(bytes), given(option).bytes("-Xmx"));
    }

    @ParameterizedTest
    @CsvSource({"-Xmx", "-Xmxmuch", "-Xmx-1m", "-Xmx1.5g", "-Xmx999999999999999t"})
    void whatIsNoSizeIsGivenNevertheless(String option) {
        assertEquals(OptionalLong.empty(), given(option).bytes("-Xmx"));
        assertTrue(given(option).has("-Xmx"));
    }

    @Test
    void theLastOneCounts() {
        assertEquals(OptionalLong.of(2 << 20), given("-Xmx1m", "-XX:MaxHeapSize=2m").bytes("-Xmx", "-XX:MaxHeapSize="));
        assertEquals(OptionalLong.of(1 << 20), given("-XX:MaxHeapSize=2m", "-Xmx1m").bytes("-Xmx", "-XX:MaxHeapSize="));
    }

    @Test
    void variablesAreReadInTheJvmsOrder() {
        Map<String, String> tool = Map.of("JAVA_TOOL_OPTIONS", "-Xmx1m");
        assertEquals(OptionalLong.of(1 << 20), OperatorOptions.of(List.of(), tool).bytes("-Xmx"));
        assertEquals(OptionalLong.of(2 << 20), OperatorOptions.of(List.of("-Xmx2m"), tool).bytes("-Xmx"));
        assertEquals(OptionalLong.of(2 << 20),
                OperatorOptions.of(List.of("-Xmx2m"), Map.of("JDK_JAVA_OPTIONS", "-Xmx1m")).bytes("-Xmx"));
        assertEquals(OptionalLong.of(1 << 20),
                OperatorOptions.of(List.of("-Xmx2m"), Map.of("_JAVA_OPTIONS", "-Xmx1m")).bytes("-Xmx"));
    }

    @Test
    void variablesMayHaveQuotes() {
        OperatorOptions given = OperatorOptions.of(
                List.of(), Map.of("JAVA_TOOL_OPTIONS", " '-Da=b -Xmx9m'  -Dc=\"d e\"\t\"-Xmx1m\" "));
        assertEquals(List.of("-Da=b -Xmx9m", "-Dc=d e", "-Xmx1m"), given.words());
        assertEquals(OptionalLong.of(1 << 20), given.bytes("-Xmx"));
    }

    @Test
    void percentagesHaveDecimals() {
        assertEquals(OptionalDouble.of(62.5), given("-XX:MaxRAMPercentage=62.5").percentage("-XX:MaxRAMPercentage="));
        assertEquals(OptionalDouble.empty(), given("-XX:MaxRAMPercentage=x").percentage("-XX:MaxRAMPercentage="));
        assertEquals(OptionalDouble.empty(), given().percentage("-XX:MaxRAMPercentage="));
    }

    @Test
    void collectorIsTheOperatorsIfThereIsOne() {
        assertEquals(Collector.SERIAL, Collector.of(given()));
        assertEquals(Collector.SERIAL, Collector.of(given("-XX:+UseSerialGC")));
        assertEquals(Collector.OTHER, Collector.of(given("-XX:+UseG1GC")));
        assertEquals(Collector.Z, Collector.of(given("-XX:+UseZGC")));
        assertFalse(Collector.isChosenBy(given("-XX:+UseStringDeduplication", "-XX:-UseG1GC")));
        assertTrue(Collector.isChosenBy(OperatorOptions.of(List.of(), Map.of("JAVA_TOOL_OPTIONS", "-XX:+UseG1GC"))));
    }

    private static OperatorOptions given(String... jvmOptions) {
        return OperatorOptions.of(List.of(jvmOptions), Map.of());
    }
}
