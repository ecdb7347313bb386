/// The carriers of virtual threads: threads of the system that a virtual thread keeps until it waits for something. One
/// that computes without end keeps its carrier for ever; here is what keeps the others going.
package loomgate.server.worker.carrier;
