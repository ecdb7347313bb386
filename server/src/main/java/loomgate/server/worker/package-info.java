/// A worker: takes connections, runs a request loop on a virtual thread for each, calls the application, drains and
/// ends.
///
/// [loomgate.server.worker.Worker] is the life of the process, [loomgate.server.worker.Connection] that of a
/// connection, [loomgate.server.worker.Exchange] that of a request. What guards them (accepting, deadlines, control)
/// runs on platform threads, since virtual ones depend on carriers that an application may keep busy.
///
/// How long a peer may take is in [loomgate.server.worker.transport], how a request ends that takes too long in
/// [loomgate.server.worker.harakiri], what keeps virtual threads running in [loomgate.server.worker.carrier], and what
/// a worker may use up in [loomgate.server.worker.recycling].
package loomgate.server.worker;
