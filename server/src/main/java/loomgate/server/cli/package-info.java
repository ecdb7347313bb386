/// The command line: commands, their output, exit codes. The only place that knows master and worker both, and the only
/// one that ends the process.
package loomgate.server.cli;
