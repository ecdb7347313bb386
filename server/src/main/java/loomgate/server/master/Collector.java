package loomgate.server.master;

/// A garbage collector, by what it adds to the addresses of a heap: measured on Temurin 25, for `reload-on-as`.
enum Collector {

    /// A card for each 512 bytes.
    SERIAL(0, 1, 256),
    /// Parallel, G1, Shenandoah: bitmaps, remembered sets, threads.
    OTHER(64, 1, 8),
    /// Maps each page several times, and reserves sixteen heaps.
    Z(16, 16, 16);

    private static final long MEGABYTE = 1 << 20;

    private final long fixed; // bytes
    private final int heaps;
    private final int fraction; // of the heap, which it takes besides

    Collector(int fixedMegabytes, int heaps, int fraction) {
        this.fixed = fixedMegabytes * MEGABYTE;
        this.heaps = heaps;
        this.fraction = fraction;
    }

    /// The one that the operator has chosen. Ours is the serial one: the JVM refuses two.
    static Collector of(OperatorOptions given) {
        if (given.has("-XX:+UseZGC")) {
            return Z;
        }
        return isChosenBy(given) && !given.has("-XX:+UseSerialGC") ? OTHER : SERIAL;
    }

    static boolean isChosenBy(OperatorOptions given) {
        return given.matches("-XX:\\+Use\\w+GC");
    }

    /// The addresses of a heap of so many bytes.
    long addressesOf(long heap) {
        return fixed + heap * heaps + heap / fraction;
    }

    /// The heap that so many addresses are enough for.
    long heapWithin(long addresses) {
        return Math.max(0, addresses - fixed) / (heaps * fraction + 1) * fraction;
    }
}
