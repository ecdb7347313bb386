/// The master: opens the listeners, keeps the wished number of workers alive, ends them in order. Loads neither
/// application nor protocol code.
///
/// [loomgate.server.master.WorkerTable] decides, as a pure function of events and time;
/// [loomgate.server.master.Master] is the loop that tells it what happened and does what it says.
///
/// Of the table's parts, [loomgate.server.master.Slot] has the processes of one worker number,
/// [loomgate.server.master.WorkerLife] what is known of one process, [loomgate.server.master.Replacements] why a
/// process is to go, [loomgate.server.master.SpawnOrder] whose turn it is to be started, and
/// [loomgate.server.master.ExitLedger] what became of those that are gone.
package loomgate.server.master;
