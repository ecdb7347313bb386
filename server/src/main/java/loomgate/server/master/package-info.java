/// The master: opens the listeners, keeps the wished number of workers alive, ends them in order. Loads neither
/// application nor protocol code.
///
/// [loomgate.server.master.WorkerTable] decides, as a pure function of events and time;
/// [loomgate.server.master.Master] is the loop that tells it what happened and does what it says.
package loomgate.server.master;
