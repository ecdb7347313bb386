package loomgate.server.master;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import loomgate.server.config.RecyclingSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.os.MemorySupply;

/// How a worker's JVM is sized. Left alone, each JVM takes a quarter of the machine for its heap and reserves gigabytes
/// of addresses, so that several do not fit and `reload-on-as` means nothing.
///
/// A worker's *share* is what may become resident; `reload-on-as` limits its addresses, of which a JVM reserves most at
/// once. The heap gets what both leave, but hardly more than `reload-on-rss`. A size that the operator gives is left
/// alone, and counted.
///
/// @param heap       most bytes of the heap
/// @param classSpace most bytes of classes
/// @param codeCache  most bytes of compiled code
/// @param direct     most bytes of buffers outside of the heap
/// @param arenas     in which C code allocates; empty if the operator says it
/// @param addresses  bytes of addresses that it comes to when it serves
/// @param origin     what the sizes come from
/// @param warning    what the operator should know of a size of his own
record MemoryBudget(Size heap, Size classSpace, Size codeCache, Size direct, Optional<Integer> arenas, long addresses,
        String origin, Optional<String> warning) {

    private static final long MEGABYTE = 1 << 20;
    private static final long LEAST_HEAP = 32 * MEGABYTE;
    private static final long STEP = 8 * MEGABYTE;
    private static final long HIGHEST_LIMIT = 1 << 20; // megabytes that are looked at for one that would do

    /// Resident memory of a JVM beside heap, classes, code and direct buffers: 55 MB measured.
    private static final long JVM = 56 * MEGABYTE;

    /// Addresses of a JVM beside heap, class space and code cache: measured 286 MB when the worker is ready, 302 MB
    /// under load. The file of the JDK's classes has 139 of them, the rest of the metaspace 64, the first threads 20.
    /// An [AotCache] takes 18 MB more, of what is spared for later.
    private static final long JVM_ADDRESSES = 304 * MEGABYTE;

    /// Resident memory of classes and code in a worker that is ready: with [#JVM] and a small heap it was 79 MB.
    private static final long FRESH = 24 * MEGABYTE;

    private static final long STACK = MEGABYTE; // addresses of a thread's
    private static final int CARRIERS_OF_JVM = 2; // those in JVM_ADDRESSES

    /// A size in bytes.
    ///
    /// @param byOperator whether the JVM is told it by the operator, and not by us
    record Size(long bytes, boolean byOperator) {

        @Override
        public String toString() {
            return megabytes(bytes) + (byOperator ? " (yours)" : "");
        }
    }

    /// What the budget depends on, beside the operator's options.
    ///
    /// @param workers    at once, with the one that takes another's place
    /// @param supervised whether there is a master, which needs memory too
    /// @param carriers   threads that run virtual ones
    /// @param handlers   platform threads that run handlers, 0 if virtual ones do
    record Circumstances(MemorySupply supply, int workers, boolean supervised, int carriers, int handlers,
            RecyclingSettings recycling) {}

    /// @throws StartException if there is no room for a heap
    static MemoryBudget of(Circumstances circumstances, OperatorOptions given) throws StartException {
        Draft draft = Draft.of(circumstances, given, AddressLimit.of(circumstances.recycling));
        Optional<Size> own = operatorsHeap(given, circumstances.supply);
        if (own.isEmpty()) {
            requireHeap(draft, circumstances, given);
        }
        Size heap = own.orElse(new Size(atLeastInitial(given, draft.heap() / STEP * STEP), false));
        long addresses = draft.addressesRest() + draft.collector.addressesOf(heap.bytes);
        if (!draft.limit.isNone() && addresses > draft.limit.bytes) {
            throw wrong(draft.limit + ": a worker has " + megabytes(addresses)
                    + " of addresses as soon as it serves (heap " + heap + ", class space " + draft.classSpace
                    + ", code cache " + draft.codeCache
                    + ", the rest of the JVM "
                    + megabytes(addresses - heap.bytes - draft.classSpace.bytes - draft.codeCache.bytes)
                    + "): give it more than that, or the worker less");
        }
        return new MemoryBudget(heap, draft.classSpace, draft.codeCache, draft.direct, arenas(given, draft.limit),
                addresses, draft.origin(),
                own.flatMap(size -> warning(size, draft, circumstances)).or(() -> unreachable(heap, draft)));
    }

    /// The options that bring it about, without the operator's own.
    List<String> options() {
        List<String> options = new ArrayList<>();
        add(options, "-Xmx", heap);
        add(options, Draft.CODE_CACHE, codeCache);
        add(options, Draft.CLASS_SPACE, classSpace);
        add(options, Draft.DIRECT, direct);
        return options;
    }

    private static void add(List<String> options, String name, Size size) {
        if (!size.byOperator) {
            options.add(name + size.bytes / MEGABYTE + "m");
        }
    }

    /// As the log has it.
    @Override
    public String toString() {
        return "memory of a worker: heap " + heap + ", class space " + classSpace + ", code cache " + codeCache
                + ", direct " + direct + "; addresses " + megabytes(addresses) + "; " + origin;
    }

    /// Everything but the heap.
    private record Draft(MemoryShare share, AddressLimit limit, long reloadOnRss, Size codeCache, Size classSpace,
            Size direct, int threads, Collector collector) {

        static final String CODE_CACHE = "-XX:ReservedCodeCacheSize=";
        static final String CLASS_SPACE = "-XX:CompressedClassSpaceSize=";
        static final String DIRECT = "-XX:MaxDirectMemorySize=";

        static Draft of(Circumstances circumstances, OperatorOptions given, AddressLimit limit) {
            MemoryShare share = MemoryShare.of(circumstances);
            return new Draft(share, limit, circumstances.recycling.onResident(),
                    size(given, CODE_CACHE, Math.min(part(share.bytes(), 10, 32, 240), limit.part(20, 32))),
                    size(given, CLASS_SPACE, Math.min(128 * MEGABYTE, limit.part(20, 32))), // 128 are 150,000 classes
                    size(given, DIRECT, Math.min(part(share.bytes(), 10, 16, 512), limit.part(16, 16))),
                    circumstances.handlers + Math.max(0, circumstances.carriers - CARRIERS_OF_JVM),
                    Collector.of(given));
        }

        private static Size size(OperatorOptions given, String option, long ours) {
            return new Size(given.bytes(option).orElse(ours), given.has(option));
        }

        /// Resident memory without a heap.
        long residentRest() {
            long classes = part(share.bytes(), 10, 24, 128);
            return JVM + classes + codeCache.bytes + direct.bytes;
        }

        /// Addresses without a heap, as soon as the worker serves.
        long addressesRest() {
            return JVM_ADDRESSES + codeCache.bytes + classSpace.bytes + STACK * threads;
        }

        /// The same when it has done so for long: direct buffers, and threads and C code of the application's.
        long addressesRestLater() {
            return addressesRest() + direct.bytes + limit.bytes / 8;
        }

        long heapOfShare() {
            return share.bytes() - residentRest();
        }

        long heapOfLimit() {
            return limit.isNone() ? Long.MAX_VALUE : collector.heapWithin(limit.bytes - addressesRestLater());
        }

        /// A heap that outgrows the limit shows a leak to it; a smaller one would end in OutOfMemoryError before.
        long heapOfReload() {
            return reloadOnRss == 0 ? Long.MAX_VALUE : reloadOnRss / 8 * 9;
        }

        long heap() {
            return Math.min(Math.min(heapOfShare(), heapOfReload()), heapOfLimit());
        }

        String origin() {
            if (heapOfLimit() < Math.min(heapOfShare(), heapOfReload())) {
                return "within " + limit;
            }
            return heapOfReload() < heapOfShare() ? "for " + reload() : "within " + share;
        }

        String reload() {
            return "reload-on-rss = " + reloadOnRss / MEGABYTE;
        }
    }

    /// The limit of a worker's addresses.
    ///
    /// @param bytes 0 for none
    private record AddressLimit(String option, long bytes) {

        static AddressLimit of(RecyclingSettings recycling) {
            long evil = recycling.evilAddressSpace();
            long soft = recycling.onAddressSpace();
            return evil != 0 && (soft == 0 || evil < soft)
                    ? new AddressLimit("evil-reload-on-as", evil)
                    : new AddressLimit("reload-on-as", soft);
        }

        boolean isNone() {
            return bytes == 0;
        }

        long part(int divisor, int leastMegabytes) {
            return isNone() ? Long.MAX_VALUE : MemoryBudget.part(bytes, divisor, leastMegabytes, Integer.MAX_VALUE);
        }

        @Override
        public String toString() {
            return option + " = " + bytes / MEGABYTE;
        }
    }

    private static void requireHeap(Draft draft, Circumstances circumstances, OperatorOptions given)
            throws StartException {
        if (draft.heapOfLimit() < LEAST_HEAP) {
            throw wrong(draft.limit + " leaves no room for a heap: a worker's JVM takes "
                    + megabytes(draft.addressesRestLater()) + " of addresses without it"
                    + (draft.threads == 0 ? "" : ", " + megabytes(STACK * draft.threads) + " of them stacks of threads")
                    + ", and the least heap is "
                    + megabytes(LEAST_HEAP) + "; " + leastLimit(draft.limit, circumstances, given)
                            .map(limit -> limit + " is the least that would do")
                            .orElse("no limit would do"));
        }
        if (draft.reloadOnRss != 0 && draft.reloadOnRss < JVM + FRESH + LEAST_HEAP) {
            throw wrong(draft.reload() + " leaves no room for a heap: a fresh worker's JVM takes "
                    + megabytes(JVM + FRESH) + " without it, and the least heap is " + megabytes(LEAST_HEAP)
                    + "; reload-on-rss = " + (JVM + FRESH + LEAST_HEAP) / MEGABYTE + " is the least that would do");
        }
        if (draft.heapOfShare() < LEAST_HEAP) {
            throw wrong(draft.share + " leaves no room for a heap: a worker's JVM takes "
                    + megabytes(draft.residentRest()) + " without it, and the least heap is " + megabytes(LEAST_HEAP)
                    + "; " + draft.share.remedy(draft.residentRest() + LEAST_HEAP)
                    + ", or a heap that you choose: jvm-opt = -Xmx64m");
        }
    }

    private static Optional<AddressLimit> leastLimit(
            AddressLimit tooLow, Circumstances circumstances, OperatorOptions given) {
        return LongStream.iterate(STEP, bytes -> bytes < HIGHEST_LIMIT * MEGABYTE, bytes -> bytes + STEP)
                .mapToObj(bytes -> new AddressLimit(tooLow.option, bytes))
                .filter(limit -> Draft.of(circumstances, given, limit).heapOfLimit() >= LEAST_HEAP)
                .findFirst();
    }

    /// What the operator says of the most of the heap, by its size or as a part of the memory.
    private static Optional<Size> operatorsHeap(OperatorOptions given, MemorySupply supply) {
        String[] sizes = {"-Xmx", "-XX:MaxHeapSize="};
        if (given.has(sizes)) {
            return Optional.of(new Size(given.bytes(sizes).orElse(0), true));
        }
        if (!given.has("-XX:MaxRAM", "-XX:MinRAM")) { // and what begins so: Percentage, Fraction
            return Optional.empty();
        }
        long memory = given.bytes("-XX:MaxRAM=").orElse(supply.most());
        double percent = given.percentage("-XX:MaxRAMPercentage=").orElse(25);
        return Optional.of(new Size((long) (memory * percent / 100), true));
    }

    /// The JVM refuses a heap that is smaller than the operator's first one.
    private static long atLeastInitial(OperatorOptions given, long heap) {
        return Stream.of("-Xms", "-XX:InitialHeapSize=", "-XX:MinHeapSize=")
                .flatMapToLong(option -> given.bytes(option).stream())
                .reduce(heap, Math::max);
    }

    /// Each arena beyond the first reserves 64 MB of addresses once a thread allocates in it. Two are enough for what a
    /// JVM allocates while it serves.
    private static Optional<Integer> arenas(OperatorOptions given, AddressLimit limit) {
        boolean isGiven = given.variables().containsKey("MALLOC_ARENA_MAX")
                || given.variables().getOrDefault("GLIBC_TUNABLES", "").contains("glibc.malloc.arena_max");
        return isGiven ? Optional.empty() : Optional.of(limit.isNone() || limit.bytes >= 2048 * MEGABYTE ? 2 : 1);
    }

    private static Optional<String> warning(Size heap, Draft draft, Circumstances circumstances) {
        if (draft.reloadOnRss != 0 && draft.reloadOnRss < JVM + FRESH) {
            return Optional.of(
                    draft.reload() + " is less than what a fresh worker's JVM takes: all will be replaced for ever");
        }
        long all = (heap.bytes + draft.residentRest()) * circumstances.workers;
        return all <= circumstances.supply.most() ? Optional.empty() : Optional.of("heap " + heap + ": "
                + circumstances.workers + " workers at once may come to " + megabytes(all) + ", and there are "
                + megabytes(circumstances.supply.most()));
    }

    /// A leak is to end in a replacement, and not in OutOfMemoryError.
    private static Optional<String> unreachable(Size heap, Draft draft) {
        return heap.bytes + JVM + FRESH >= draft.reloadOnRss ? Optional.empty() : Optional.of("an application that"
                + " leaks has OutOfMemoryError before " + draft.reload() + " is reached: the heap is " + heap
                + (heap.byOperator ? "" : ", " + draft.origin()) + "; give it more, or reload-on-rss at most "
                + (heap.bytes + JVM + FRESH) / MEGABYTE);
    }

    private static StartException wrong(String problem) {
        return new StartException(ExitCode.CONFIGURATION_WRONG, problem);
    }

    /// That part of the bytes, in steps and within limits.
    private static long part(long bytes, int divisor, long leastMegabytes, long mostMegabytes) {
        return Math.clamp(bytes / divisor / STEP * STEP, leastMegabytes * MEGABYTE, mostMegabytes * MEGABYTE);
    }

    static String megabytes(long bytes) {
        return bytes / MEGABYTE + " MB";
    }
}
