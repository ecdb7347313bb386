/// What an operator's commands and the master say to each other, over a unix socket in the abstract name space that is
/// named after the master's pid. One line asks, lines answer; only root and the master's own user are heard.
package loomgate.server.command;
