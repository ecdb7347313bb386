/// The request log: its line and its way to the file, off the request's thread.
///
/// The server's own log is slf4j's; both end at standard error, which is the file of `logto` if there is one.
package loomgate.server.log;
