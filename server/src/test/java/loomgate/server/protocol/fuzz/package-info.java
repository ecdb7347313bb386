/// What holds for the parsers whatever bytes come in, and how a fuzzer looks for bytes with which it does not.
///
/// `HttpFuzz` and `UwsgiFuzz` are the targets: they throw if something does not hold. [FuzzRun] hands them to Jazzer,
/// which searches for bytes that lead to code nobody has been to, from the corpora on.
package loomgate.server.protocol.fuzz;
