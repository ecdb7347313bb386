package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import loomgate.server.config.RecyclingSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.os.MemorySupply;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryBudgetTest {

    private static final long MEGABYTE = 1 << 20;
    private static final MemorySupply MACHINE = new MemorySupply(16_384 * MEGABYTE, OptionalLong.empty());
    private static final RecyclingSettings UNLIMITED = limits(0, 0, 0, 0);

    @Nested
    class Share {

        @Test
        void workersAtOnceAndTheirReplacementShareHalfOfTheMachine() throws StartException {
            MemoryBudget two = budget(MACHINE, 3, UNLIMITED);
            assertTrue(heapMegabytes(two) * 3 < 8192, two::toString);
            assertTrue(heapMegabytes(two) * 3 > 5500, two::toString);
            assertTrue(two.toString().endsWith("within 2730 MB (50 % of the machine's 16384 MB / 3 workers at once)"),
                    two::toString);
        }

        @Test
        void limitOfTheControlGroupIsForUsAlone() throws StartException {
            MemoryBudget budget = budget(inGroup(2048), 2, UNLIMITED);
            assertEquals("memory of a worker: heap 536 MB, class space 128 MB, code cache 80 MB, direct 80 MB;"
                    + " addresses 1050 MB; within 836 MB (85 % of the control group's limit of 2048 MB without the"
                    + " master's 80 MB / 2 workers at once)", budget.toString());
        }

        @Test
        void withoutAMasterAllOfItIsTheWorkers() throws StartException {
            MemoryBudget budget = MemoryBudget.of(
                    new MemoryBudget.Circumstances(inGroup(512), 1, false, 2, 0, UNLIMITED), given());
            assertTrue(budget.toString().endsWith("within 435 MB (85 % of the control group's limit of 512 MB)"),
                    budget::toString);
        }

        @ParameterizedTest
        @ValueSource(longs = {16, 80, 100, 256, 440})
        void aGroupWithoutRoomForAHeapIsRefused(long megabytes) {
            StartException refusal =
                    assertThrows(StartException.class, () -> budget(inGroup(megabytes), 2, UNLIMITED));
            assertEquals(ExitCode.CONFIGURATION_WRONG, refusal.code());
            assertTrue(refusal.getMessage().contains("limit of " + megabytes + " MB"), refusal::getMessage);
            assertTrue(refusal.getMessage().contains("it takes 457 MB instead"), refusal::getMessage);
        }

        @Test
        void whatARefusalAsksForWillDo() throws StartException {
            assertEquals(32, heapMegabytes(budget(inGroup(457), 2, UNLIMITED)));
        }

        @Test
        void aHeapThatTheOperatorChoosesIsNotRefused() throws StartException {
            assertEquals(64, heapMegabytes(budget(inGroup(256), 2, UNLIMITED, "-Xmx64m")));
        }

        @Test
        void theHeapCanOutgrowReloadOnRssSoThatALeakIsSeen() throws StartException {
            MemoryBudget budget = budget(MACHINE, 2, limits(0, 512, 0, 0));
            assertEquals(576, heapMegabytes(budget));
            assertTrue(budget.toString().endsWith("; for reload-on-rss = 512"), budget::toString);
        }

        @Test
        void reloadOnRssBelowAFreshWorkerIsRefusedOrWarnedOf() throws StartException {
            StartException refusal =
                    assertThrows(StartException.class, () -> budget(MACHINE, 2, limits(0, 111, 0, 0)));
            assertTrue(refusal.getMessage().endsWith("reload-on-rss = 112 is the least that would do"),
                    refusal::getMessage);
            assertTrue(heapMegabytes(budget(MACHINE, 2, limits(0, 112, 0, 0))) >= 32);
            assertTrue(budget(MACHINE, 2, limits(0, 50, 0, 0), "-Xmx64m").warning().orElseThrow()
                    .startsWith("reload-on-rss = 50 is less than"));
        }

        @Test
        void garbageAloneDoesNotReachEvilReloadOnRss() throws StartException {
            assertTrue(heapMegabytes(budget(MACHINE, 2, limits(0, 512, 0, 600))) < 500);
        }

        @Test
        void aLimitAboveTheShareChangesNothing() throws StartException {
            assertEquals(budget(MACHINE, 2, UNLIMITED).toString(),
                    budget(MACHINE, 2, limits(0, 10_000, 0, 10_000)).toString());
        }
    }

    @Nested
    class Addresses {

        @Test
        void a1024MegabyteLimitLeavesRoomForAHeapAndForGrowth() throws StartException {
            MemoryBudget budget = budget(MACHINE, 2, limits(1024, 0, 0, 0));
            assertEquals("memory of a worker: heap 424 MB, class space 48 MB, code cache 48 MB, direct 64 MB;"
                    + " addresses 825 MB; within reload-on-as = 1024", budget.toString());
            assertEquals(Optional.of(1), budget.arenas());
        }

        @ParameterizedTest
        @ValueSource(longs = {488, 512, 700, 1024, 1500, 2048, 4096, 65_536})
        void whatIsReservedIsAlwaysWellBelowTheLimit(long megabytes) throws StartException {
            MemoryBudget budget = budget(MACHINE, 2, limits(megabytes, 0, 0, 0));
            assertTrue(budget.addresses() + budget.direct().bytes() <= megabytes * MEGABYTE * 7 / 8, budget::toString);
            assertTrue(heapMegabytes(budget) >= 32, budget::toString);
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 100, 400, 480})
        void aLimitWithoutRoomForAHeapIsRefused(long megabytes) {
            StartException refusal =
                    assertThrows(StartException.class, () -> budget(MACHINE, 2, limits(megabytes, 0, 0, 0)));
            assertEquals(ExitCode.CONFIGURATION_WRONG, refusal.code());
            assertTrue(refusal.getMessage().startsWith("reload-on-as = " + megabytes + " leaves no room"),
                    refusal::getMessage);
            assertTrue(refusal.getMessage().endsWith("reload-on-as = 488 is the least that would do"),
                    refusal::getMessage);
        }

        @Test
        void aLeakThatEndsBeforeItReachesReloadOnRssIsAWarning() throws StartException {
            assertEquals("an application that leaks has OutOfMemoryError before reload-on-rss = 250 is reached: the"
                    + " heap is 160 MB, within 300 MB (evil-reload-on-rss = 300); give it more, or reload-on-rss at"
                    + " most 240", budget(MACHINE, 2, limits(0, 250, 0, 300)).warning().orElseThrow());
            assertEquals("an application that leaks has OutOfMemoryError before reload-on-rss = 250 is reached: the"
                    + " heap is 100 MB (yours); give it more, or reload-on-rss at most 180",
                    budget(MACHINE, 2, limits(0, 250, 0, 0), "-Xmx100m").warning().orElseThrow());
            for (long limit = 112; limit < 1000; limit++) {
                assertEquals(Optional.empty(), budget(MACHINE, 2, limits(0, limit, 0, 0)).warning());
            }
        }

        @Test
        void evilReloadOnAsIsALimitToo() {
            StartException refusal =
                    assertThrows(StartException.class, () -> budget(MACHINE, 2, limits(1024, 0, 400, 0)));
            assertTrue(refusal.getMessage().startsWith("evil-reload-on-as = 400 leaves no room"), refusal::getMessage);
        }

        @Test
        void aHeapOfTheOperatorsThatIsTooLargeIsRefused() {
            StartException refusal = assertThrows(
                    StartException.class, () -> budget(MACHINE, 2, limits(1024, 0, 0, 0), "-Xmx800m"));
            assertTrue(refusal.getMessage().contains("heap 800 MB (yours)"), refusal::getMessage);
        }

        @Test
        void carriersAndThreadsOfHandlersHaveStacks() throws StartException {
            MemoryBudget few = budget(MACHINE, 2, limits(1024, 0, 0, 0));
            MemoryBudget many = MemoryBudget.of(
                    new MemoryBudget.Circumstances(MACHINE, 2, true, 34, 128, limits(1024, 0, 0, 0)), given());
            assertEquals(heapMegabytes(few) - 160, heapMegabytes(many));
            StartException refusal = assertThrows(StartException.class, () -> MemoryBudget.of(
                    new MemoryBudget.Circumstances(MACHINE, 2, true, 2, 512, limits(1024, 0, 0, 0)), given()));
            assertTrue(refusal.getMessage().contains(" 512 MB of them stacks of threads"), refusal::getMessage);
        }

        @Test
        void aCollectorThatReservesSixteenHeapsHasASmallOne() throws StartException {
            MemoryBudget budget = budget(MACHINE, 2, limits(4096, 0, 0, 0), "-XX:+UseZGC");
            assertTrue(heapMegabytes(budget) < 4096 / 16, budget::toString);
            assertTrue(budget.addresses() < 4096 * MEGABYTE, budget::toString);
        }

        @Test
        void memoryThatIsScarceDecidesIfAddressesDoNot() throws StartException {
            assertTrue(heapMegabytes(budget(inGroup(512), 2, limits(1024, 0, 0, 0))) < 64);
        }
    }

    @Nested
    class OperatorsOptions {

        @Test
        void withoutAnyAllAreOurs() throws StartException {
            assertEquals(List.of("-Xmx424m", "-XX:ReservedCodeCacheSize=48m", "-XX:CompressedClassSpaceSize=48m",
                    "-XX:MaxDirectMemorySize=64m"), budget(MACHINE, 2, limits(1024, 0, 0, 0)).options());
        }

        @ParameterizedTest
        @CsvSource({
            "-Xmx300m, -Xmx", "-XX:MaxHeapSize=300m, -Xmx", "-XX:MaxRAMPercentage=30, -Xmx", "-XX:MaxRAM=4g, -Xmx",
            "-XX:ReservedCodeCacheSize=64m, -XX:ReservedCodeCacheSize",
            "-XX:CompressedClassSpaceSize=64m, -XX:CompressedClassSpaceSize",
            "-XX:MaxDirectMemorySize=1g, -XX:MaxDirectMemorySize"
        })
        void oneThatIsGivenIsNotGivenAgain(String option, String ours) throws StartException {
            List<String> options = budget(MACHINE, 2, UNLIMITED, option).options();
            assertTrue(options.stream().noneMatch(word -> word.startsWith(ours)), options::toString);
            assertEquals(3, options.size());
        }

        @Test
        void theyAreCountedAndMarked() throws StartException {
            MemoryBudget budget =
                    budget(MACHINE, 2, limits(1024, 0, 0, 0), "-XX:ReservedCodeCacheSize=148m", "-Xss2m");
            assertEquals(328, heapMegabytes(budget));
            assertTrue(budget.toString().contains("code cache 148 MB (yours)"), budget::toString);
            assertTrue(budget(MACHINE, 2, UNLIMITED, "-Xmx300m").toString().contains("heap 300 MB (yours)"));
        }

        @Test
        void aPercentageIsOfWhatThereIs() throws StartException {
            assertEquals(4096, heapMegabytes(budget(MACHINE, 2, UNLIMITED, "-XX:MaxRAMPercentage=25")));
            assertEquals(256, heapMegabytes(budget(inGroup(1024), 2, UNLIMITED, "-XX:MaxRAMPercentage=25")));
            assertEquals(1024, heapMegabytes(budget(MACHINE, 2, UNLIMITED, "-XX:MaxRAM=4g")));
        }

        @Test
        void theFirstHeapIsNeverLargerThanTheMost() throws StartException {
            MemoryBudget budget = budget(inGroup(1024), 2, UNLIMITED, "-Xms700m");
            assertTrue(budget.options().contains("-Xmx700m"), budget::toString);
        }

        @Test
        void moreThanThereIsIsToldAndNotChanged() throws StartException {
            MemoryBudget budget = budget(inGroup(1024), 3, UNLIMITED, "-Xmx600m");
            assertTrue(budget.warning().orElseThrow()
                    .matches("heap 600 MB \\(yours\\): 3 workers at once may come to \\d+ MB, and there are 1024 MB"));
            assertEquals(Optional.empty(), budget(inGroup(1024), 2, UNLIMITED, "-Xmx100m").warning());
        }

        @Test
        void arenasOfTheEnvironmentAreLeftAlone() throws StartException {
            for (Map<String, String> environment :
                    List.of(Map.of("MALLOC_ARENA_MAX", "8"), Map.of("GLIBC_TUNABLES", "glibc.malloc.arena_max=8"))) {
                assertEquals(Optional.empty(), MemoryBudget.of(
                        circumstances(MACHINE, 2, UNLIMITED), OperatorOptions.of(List.of(), environment)).arenas());
            }
            assertEquals(Optional.of(2), budget(MACHINE, 2, UNLIMITED).arenas());
        }
    }

    private static MemoryBudget budget(MemorySupply supply, int workers, RecyclingSettings recycling, String... options)
            throws StartException {
        return MemoryBudget.of(circumstances(supply, workers, recycling), given(options));
    }

    private static MemoryBudget.Circumstances circumstances(
            MemorySupply supply, int workers, RecyclingSettings recycling) {
        return new MemoryBudget.Circumstances(supply, workers, true, 2, 0, recycling);
    }

    private static OperatorOptions given(String... options) {
        return OperatorOptions.of(List.of(options), Map.of());
    }

    private static MemorySupply inGroup(long megabytes) {
        return new MemorySupply(16_384 * MEGABYTE, OptionalLong.of(megabytes * MEGABYTE));
    }

    private static RecyclingSettings limits(long as, long rss, long evilAs, long evilRss) {
        return new RecyclingSettings(0, 0, as * MEGABYTE, rss * MEGABYTE, evilAs * MEGABYTE, evilRss * MEGABYTE,
                Duration.ZERO, Duration.ZERO);
    }

    private static long heapMegabytes(MemoryBudget budget) {
        return budget.heap().bytes() / MEGABYTE;
    }
}
