/// What master and worker say to each other: one sealed type, one codec, one line for each message, over the socket
/// that a worker has as its descriptor 0. End of file means that the other side is gone.
package loomgate.server.control;
