/// The bytes of a connection over its socket, and how long its peer may take to send and to take them: deadlines that
/// one thread watches for all connections.
package loomgate.server.worker.transport;
