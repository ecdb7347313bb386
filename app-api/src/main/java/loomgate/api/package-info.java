/// What an application implements and what it is given.
///
/// - [Handler] is the one interface to implement: a [Request] in, a [Response] out.
/// - [Request] is what the client sent, as the gateway handed it over.
/// - [Response] is a value: status, [Headers] and a [Body].
/// - [AppContext] is what the server tells the application about itself, to its constructor.
/// - [loomgate.api.testing] is a small kit to call a handler in a unit test, without a server.
///
/// A handler is called on a virtual thread of its own for each request, many at once: it may block, and it must be
/// safe for concurrent use. No method of this package takes or returns `null` unless it says so; one that is handed
/// `null` throws [NullPointerException].
package loomgate.api;
