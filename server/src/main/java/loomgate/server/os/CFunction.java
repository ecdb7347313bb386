package loomgate.server.os;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// A function of the C library, called with machine words: integers and the addresses of memory, which has to live on
/// until the call is over.
///
/// All share one shape of call, since the JVM needs some 10 ms of CPU at start for each: six words, in the registers
/// that the ABIs of 64-bit Linux (System V for x86-64, AAPCS64) have for the first six integers and pointers. A
/// function reads as many of them as it has parameters, and of a word as many bits as its parameter has, so that the
/// rest does no harm. For one with `...` the call is the same as for any other on these machines. A function with more
/// parameters, or with one that is no integer and no pointer, cannot be called by this.
///
/// @param address where the function's code is
record CFunction(MemorySegment address) {

    private static final MethodHandle CALL = link();

    private static final int MOST_WORDS = 6;

    @SuppressWarnings("restricted")
    private static MethodHandle link() {
        ValueLayout word = ValueLayout.JAVA_LONG;
        return Linker.nativeLinker().downcallHandle(
                FunctionDescriptor.of(word, word, word, word, word, word, word),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    }

    /// Calls it for its result as an `int`, or anything smaller: what a register holds beyond that means nothing.
    ///
    /// @param errno where the call leaves the error number
    int asInt(MemorySegment errno, long... words) throws Throwable {
        return (int) asLong(errno, words);
    }

    /// As [#asInt], for a `long`, a `size_t` or a pointer.
    long asLong(MemorySegment errno, long... words) throws Throwable {
        return (long) CALL.invokeExact(address, errno, word(words, 0), word(words, 1), word(words, 2),
                word(words, 3), word(words, 4), word(words, 5));
    }

    private static long word(long[] words, int index) {
        if (words.length > MOST_WORDS) {
            throw new IllegalArgumentException(words.length + " words, at most " + MOST_WORDS + " can be passed");
        }
        return index < words.length ? words[index] : 0;
    }
}
