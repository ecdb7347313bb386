/// What others over HTTP may ask the master, whatever the workers do: whether it lives, and whether requests should be
/// sent to it.
package loomgate.server.status;
