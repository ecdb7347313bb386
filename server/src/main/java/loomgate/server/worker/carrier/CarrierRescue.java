package loomgate.server.worker.carrier;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps virtual threads running although some compute without end and keep the carriers: adds carriers when work waits
/// for one, and takes them away again. A probe, a virtual thread with nothing to do, tells whether work waits: so a
/// request pays nothing for it.
///
/// [#look] is for one thread alone, a platform thread.
public final class CarrierRescue {

    private static final Logger LOG = LoggerFactory.getLogger(CarrierRescue.class);

    /// Each is a thread of the system, and an occupied core is shared by more and more of them.
    private static final int MOST_EXTRA = 64;

    /// More than lies between two looks: longer is a pause of the process as a whole.
    private static final long LONGEST_STEP = TimeUnit.MILLISECONDS.toNanos(75);

    /// Work that is known to the server and runs on some thread.
    ///
    /// @param name   how the log names it
    public record Occupant(String name, Thread thread) {}

    private final Supplier<List<Occupant>> work;
    private final Function<Thread, String> stacks;
    private final Supplier<Carriers> scheduler;
    private final Executor telling; // the log may take nothing for ever, or belong to a thread that waits for a carrier
    private Carriers carriers; // null until the first look: to ask for it loads the JVM's management
    private RescuePolicy policy;
    private CarrierState state = new CarrierState.Normal();
    private List<Occupant> suspects = List.of(); // were on a carrier at the last look
    private long lookedAt;
    private long waiting; // how long the probe has
    private volatile boolean isProbing;

    /// @param work   what runs now
    /// @param stacks where a thread is, as text; called on a thread of its own, because it may wait
    public CarrierRescue(Supplier<List<Occupant>> work, Function<Thread, String> stacks) {
        this(work, stacks, Carriers.OfThisProcess::new, teller());
    }

    CarrierRescue(Supplier<List<Occupant>> work, Function<Thread, String> stacks, Supplier<Carriers> scheduler,
            Executor telling) {
        this.work = work;
        this.stacks = stacks;
        this.scheduler = scheduler;
        this.telling = telling;
    }

    private static Executor teller() {
        ThreadPoolExecutor teller = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(100),
                Thread.ofPlatform().daemon().name("carrier-rescue").factory(), new ThreadPoolExecutor.DiscardPolicy());
        teller.allowCoreThreadTimeOut(true);
        return teller;
    }

    /// Looks whether virtual threads get a carrier, and sees to it that they do. To be called some ten times a second,
    /// less often as long as it returns that nothing waits.
    public boolean look(long now) {
        if (carriers == null) {
            carriers = scheduler.get();
            policy = new RescuePolicy(carriers.parallelism(), MOST_EXTRA);
        }
        List<Occupant> occupants = isProbing || state.extra() > 0 ? occupants() : List.of();
        // a pause in which this thread did not run either says nothing of the others
        waiting = isProbing ? waiting + Math.min(now - lookedAt, LONGEST_STEP) : 0;
        lookedAt = now;
        CarrierState next = policy.next(state, waiting, occupants.size(), now);
        if (next.extra() != state.extra()) {
            change(next, occupants);
        }
        boolean triesAgain = waiting > 0 && next.extra() > state.extra();
        state = next;
        boolean isWaiting = waiting > 0;
        if (!isProbing || triesAgain) {
            probe();
        }
        return isWaiting;
    }

    private void probe() {
        isProbing = true;
        waiting = 0;
        carriers.probe(() -> isProbing = false);
    }

    private void change(CarrierState next, List<Occupant> occupants) {
        int normal = policy.normal();
        int now = normal + next.extra();
        carriers.setParallelism(now);
        if (next.extra() > state.extra()) {
            carriers.wake(next.extra() - state.extra());
            long millis = waiting / 1_000_000;
            telling.execute(() -> tell(millis, now, normal, occupants));
        } else {
            telling.execute(() -> LOG.info("virtual threads have their carriers again: back to {}", normal));
        }
    }

    private void tell(long waitedMillis, int now, int normal, List<Occupant> occupants) {
        LOG.warn("virtual threads have been waiting {} ms for a carrier: there are {} now instead of {}",
                waitedMillis, now, normal);
        LOG.warn("carriers are kept by {}", occupants.isEmpty()
                ? "virtual threads that the application has started itself, or the machine is busy with other things"
                : occupants.stream()
                        .map(occupant -> occupant.name() + stacks.apply(occupant.thread()))
                        .collect(Collectors.joining("\n  and ")));
    }

    /// Work that was on a carrier at the last look and still is.
    private List<Occupant> occupants() {
        List<Occupant> mounted = work.get().stream().filter(occupant -> isMounted(occupant.thread())).toList();
        List<Occupant> lasting = new ArrayList<>(mounted);
        lasting.retainAll(suspects); // by name as well: a connection's thread may have gone on to the next request
        suspects = mounted;
        return lasting;
    }

    /// A virtual thread's text names its carrier while it has one, behind what the application may have named it:
    /// `VirtualThread[#29,name]/runnable@ForkJoinPool-1-worker-1`.
    static boolean isMounted(Thread thread) {
        if (thread == null || !thread.isVirtual()) {
            return false;
        }
        String text = thread.toString();
        return text.indexOf('@', text.lastIndexOf("]/")) >= 0;
    }
}
