package loomgate.server.master;

import loomgate.server.os.MemorySupply;

/// The resident memory that a worker may have.
///
/// @param bytes   of it
/// @param percent of what follows that the workers get together
/// @param master  bytes that are not theirs
/// @param workers that share it
/// @param source  where it comes from
record MemoryShare(long bytes, int percent, long master, int workers, String source) {

    private static final long MEGABYTE = 1 << 20;

    /// Without a limit that is for this server alone, other programs need memory too.
    private static final int PERCENT_OF_MACHINE = 50;

    /// Buffers of sockets and pages of files count against a control group's limit as well.
    private static final int PERCENT_OF_CGROUP = 85;

    /// Resident memory of a master: 70 MB measured, with the heap that scripts/loomgate gives it.
    private static final long MASTER = 80 * MEGABYTE;

    static MemoryShare of(MemoryBudget.Circumstances circumstances) {
        MemoryShare share = ofSupply(circumstances);
        long evil = circumstances.recycling().evilResident();
        MemoryShare belowEvil = of(evil, 100, 0, 1, "evil-reload-on-rss = " + evil / MEGABYTE);
        // garbage alone must not get a worker killed
        return evil == 0 || belowEvil.bytes >= share.bytes ? share : belowEvil;
    }

    private static MemoryShare ofSupply(MemoryBudget.Circumstances circumstances) {
        MemorySupply supply = circumstances.supply();
        return supply.cgroup().isPresent()
                ? of(supply.most(), PERCENT_OF_CGROUP, circumstances.supervised() ? MASTER : 0, circumstances.workers(),
                        "the control group's limit of " + MemoryBudget.megabytes(supply.most()))
                : of(supply.most(), PERCENT_OF_MACHINE, 0, circumstances.workers(),
                        "the machine's " + MemoryBudget.megabytes(supply.most()));
    }

    private static MemoryShare of(long whole, int percent, long master, int workers, String source) {
        return new MemoryShare(Math.max(0, whole - master) / 100 * percent / workers, percent, master, workers, source);
    }

    /// What would give each worker so many bytes.
    String remedy(long needed) {
        long whole = (needed * workers * 100 + percent - 1) / percent + master;
        return "it takes " + (whole + MEGABYTE - 1) / MEGABYTE + " MB instead"
                + (workers > 2 ? ", or fewer processes" : "");
    }

    @Override
    public String toString() {
        String each = workers == 1 ? "" : " / " + workers + " workers at once";
        return MemoryBudget.megabytes(bytes) + " (" + (percent == 100 ? "" : percent + " % of ") + source
                + (master == 0 ? "" : " without the master's " + MemoryBudget.megabytes(master)) + each + ")";
    }
}
