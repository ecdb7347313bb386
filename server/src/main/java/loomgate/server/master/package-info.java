/// The master: opens the listeners, keeps the wished number of workers alive, ends them in order. Loads neither
/// application nor protocol code.
///
/// [loomgate.server.master.Supervision] is the loop: it tells [loomgate.server.master.table.WorkerTable] what happened,
/// and does what that decides.
package loomgate.server.master;
