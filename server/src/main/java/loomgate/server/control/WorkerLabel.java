package loomgate.server.control;

/// How every message of master and worker names a worker.
public record WorkerLabel(int worker, int generation, long pid) {

    @Override
    public String toString() {
        return "worker " + worker + " gen " + generation + " pid " + pid;
    }
}
