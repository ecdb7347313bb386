/// Every call into the C library and every use of signals; plain Java types outward.
///
/// All of it needs native access, which the jar's manifest and the master's spawn line grant. A failed call becomes an
/// [OsException] that knows its errno. Nothing here is called from virtual threads: a blocking native call pins its
/// carrier.
package loomgate.server.os;
