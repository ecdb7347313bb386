/// What the two wire protocols have in common. [loomgate.server.protocol.Codec] is all that a worker knows of them:
/// requests come out of it, responses go in.
///
/// - Towards the worker: `Codec`, `RequestHead`, `BadRequest`, `Limits`, `Peer`.
/// - Shared by the codecs: `ResponseWriter` (both answer with HTTP messages), `RequestBody` and `FixedLengthBody`,
///   `RequestPath` (what an application gets to see of a path), `Authority` (a host and its port), `Octets` and
///   `NameTable` (the grammar's small change).
///
/// Bytes come from and go to a [loomgate.server.net.Transport]; nothing here knows of sockets, threads or clocks,
/// deadlines are the transport's.
package loomgate.server.protocol;
