/// The server as its users have it: real processes, real sockets, a real nginx. [loomgate.server.it.RunningServer] and
/// [loomgate.server.it.Nginx] start them; the applications that they run are in `loomgate.server.it.app`.
package loomgate.server.it;
