/// What systemd and the server have to say to each other: [loomgate.server.systemd.ServiceManager] is told how the
/// server is (sd_notify), [loomgate.server.systemd.PassedSockets] are those that systemd opened for it (socket
/// activation).
package loomgate.server.systemd;
