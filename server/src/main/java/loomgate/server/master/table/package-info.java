/// Decides what becomes of the workers: events and time in, actions out, no process, socket or clock.
///
/// Of the parts of [loomgate.server.master.table.WorkerTable], [loomgate.server.master.table.Slots] has all worker
/// numbers, [loomgate.server.master.table.Slot] the processes of one of them,
/// [loomgate.server.master.table.WorkerLife] what is known of one process,
/// [loomgate.server.master.table.SpawnOrder] whose turn it is to be started,
/// [loomgate.server.master.table.Starts] what becomes of a process until it serves,
/// [loomgate.server.master.table.Replacements] why it is to go then,
/// [loomgate.server.master.table.MemoryGuard] whether it has too much memory, and
/// [loomgate.server.master.table.ExitLedger] what became of those that are gone.
/// [loomgate.server.master.table.Reload] has the generations and what they go by,
/// [loomgate.server.master.table.MasterLife] how far the server as a whole is.
package loomgate.server.master.table;
