package loomgate.server.os;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptExitTest {

    @ParameterizedTest
    @ValueSource(strings = {"-Dname=value", "-D", "-Xmx1g", "-Xms64m", "-Xss512k", "-ea",
            "-Xlog:gc", "-Xlog:gc=debug:file=gc.log", "-Xlog:gc+age:stderr:tags",
            "-Xlog:safepoint:file=s.log", "-Xlog:class+load", "-XX:MaxRAMPercentage=62.5",
            "--add-opens", "java.base/java.lang=ALL-UNNAMED",
            "-XX:+UseSerialGC", "-XX:+UseZGC", "-XX:-UsePerfData", "-XX:ReservedCodeCacheSize=240m",
            "-XX:LoopStripMiningIter=1000", "-XX:+AlwaysPreTouch",
            "-XX:AOTCache=/tmp/loomgate-1/generation-1/loomgate.aot",
            "-XX:+HeapDumpOnOutOfMemoryError", "-XX:HeapDumpPath=/var/tmp", "--enable-native-access=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED"})
    void optionsThatHaveNothingToDoAtTheEndDoNotDelayIt(String option) {
        assertTrue(PromptExit.isHarmless(List.of("-Xmx64m", option), Map.of("PATH", "/bin")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-agentlib:jdwp=transport=dt_socket", "-agentpath:/opt/profiler.so=file=out",
            "-javaagent:otel.jar",
            "-XX:AOTCacheOutput=new.aot", "-XX:ArchiveClassesAtExit=app.jsa", "-XX:+AutoCreateSharedArchive",
            "-XX:StartFlightRecording=filename=a.jfr", "-XX:+PrintNMTStatistics", "-XX:+LogCompilation",
            "-Xlog:async", "-Xlog:gc*:file=gc.log",
            "-Xlog:all", "-Xlog:gc+heap+exit", "-Xlog:monitorinflation", "-Xlog:disable,gc*",
            "-XX:+PrintFlagsFinal", "-XX:Flags=flags", "@options", "-XX:NativeMemoryTracking=summary", "-Xprof",
            "-verbose:gc"})
    void optionsThatMayHaveDoSo(String option) {
        assertFalse(PromptExit.isHarmless(List.of("-Xmx64m", option), Map.of()));
    }

    @Test
    void optionsOfTheEnvironmentAreNotKnownAndDelayIt() {
        for (String name : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "LD_PRELOAD")) {
            assertFalse(PromptExit.isHarmless(List.of(), Map.of(name, "-Xmx64m")));
        }
    }
}
