/// The master: opens the listeners, keeps the wished number of workers alive, ends them in order. Loads neither
/// application nor protocol code.
///
/// [loomgate.server.master.WorkerTable] decides, as a pure function of events and time;
/// [loomgate.server.master.Master] is the loop that tells it what happened and does what it says.
///
/// Of the table's parts, [loomgate.server.master.Slots] has all worker numbers, [loomgate.server.master.Slot] the
/// processes of one of them, [loomgate.server.master.WorkerLife] what is known of one process,
/// [loomgate.server.master.SpawnOrder] whose turn it is to be started, [loomgate.server.master.Starts] what becomes of
/// a process until it serves, [loomgate.server.master.Replacements] why it is to go then,
/// [loomgate.server.master.MemoryGuard] whether it has too much memory, and [loomgate.server.master.ExitLedger] what
/// became of those that are gone. [loomgate.server.master.Reload] has the generations and what they go by,
/// [loomgate.server.master.MasterLife] how far the server as a whole is.
package loomgate.server.master;
