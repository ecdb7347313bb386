package loomgate.server.worker.carrier;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps virtual threads running although some compute without end and keep the carriers: adds carriers when work waits
/// for one, and takes them away again. A probe, a virtual thread with nothing to do, tells whether work waits: so a request
/// pays nothing for it.
///
/// [#look] is for one thread alone, a platform thread.
public final class CarrierRescue {

    private static final Logger LOG = LoggerFactory.getLogger(CarrierRescue.class);

    /// Each is a thread of the system, and an occupied core is shared by more and more of them.
    private static final int MOST_EXTRA = 64;

    /// Work that is known to the server and runs on some thread.
    ///
    /// @param name   how the log names it
    public record Occupant(String name, Thread thread) {}

    private final Supplier<List<Occupant>> work;
    private final Function<Thread, String> stacks;
    private final Supplier<Carriers> scheduler;
    private Carriers carriers; // null until the first look: to ask for it loads the JVM's management
    private RescuePolicy policy;
    private CarrierState state = new CarrierState.Normal();
    private List<Thread> suspects = List.of(); // were on a carrier at the last look
    private long probeStarted;
    private volatile boolean isProbing;

    /// @param work   what runs now
    /// @param stacks where a thread is, as text; called on a thread of its own, because it may wait
    public CarrierRescue(Supplier<List<Occupant>> work, Function<Thread, String> stacks) {
        this(work, stacks, Carriers.OfThisProcess::new);
    }

    CarrierRescue(Supplier<List<Occupant>> work, Function<Thread, String> stacks, Supplier<Carriers> scheduler) {
        this.work = work;
        this.stacks = stacks;
        this.scheduler = scheduler;
    }

    /// Looks whether virtual threads get a carrier, and sees to it that they do. To be called some ten times a second.
    public void look(long now) {
        if (carriers == null) {
            carriers = scheduler.get();
            policy = new RescuePolicy(carriers.parallelism(), MOST_EXTRA);
        }
        List<Occupant> occupants = isProbing || state.extra() > 0 ? occupants() : List.of();
        long waiting = isProbing ? now - probeStarted : 0;
        CarrierState next = policy.next(state, waiting, occupants.size(), now);
        if (next.extra() != state.extra()) {
            change(next, occupants, waiting);
        }
        boolean triesAgain = waiting > 0 && next.extra() > state.extra();
        state = next;
        if (!isProbing || triesAgain) {
            probe(now);
        }
    }

    private void probe(long now) {
        isProbing = true;
        probeStarted = now;
        carriers.probe(() -> isProbing = false);
    }

    private void change(CarrierState next, List<Occupant> occupants, long waiting) {
        carriers.setParallelism(policy.normal() + next.extra());
        if (next.extra() > state.extra()) {
            carriers.wake(next.extra() - state.extra());
            LOG.warn("virtual threads have been waiting {} ms for a carrier: there are {} now instead of {}",
                    waiting / 1_000_000, policy.normal() + next.extra(), policy.normal());
            Thread.ofPlatform().daemon().name("carrier-rescue").start(() -> tell(occupants));
        } else {
            LOG.info("virtual threads have their carriers again: back to {}", policy.normal());
        }
    }

    private void tell(List<Occupant> occupants) {
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
        lasting.removeIf(occupant -> !suspects.contains(occupant.thread()));
        suspects = mounted.stream().map(Occupant::thread).toList();
        return lasting;
    }

    /// A virtual thread's text names its carrier while it has one: `VirtualThread[#29]/runnable@ForkJoinPool-1-worker-1`.
    private static boolean isMounted(Thread thread) {
        return thread != null && thread.isVirtual() && thread.toString().indexOf('@') >= 0;
    }
}
