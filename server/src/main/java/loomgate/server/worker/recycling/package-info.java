/// What a worker may use up before it asks to be replaced: requests and memory. Its age is the master's to watch.
package loomgate.server.worker.recycling;
