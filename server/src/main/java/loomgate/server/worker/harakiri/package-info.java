/// The end of a request that takes too long, or that nobody waits for any more: one deadline for each request, watched
/// from outside of it, in stages.
///
/// ```
///            log-slow          harakiri, or the client has gone          harakiri-grace
///   Running ─────────▶ Slow ──────────────────────────────────▶ Overdue ───────────────▶ Stuck
///                      report       504 (or nothing), interrupt          the worker is to be replaced
/// ```
package loomgate.server.worker.harakiri;
