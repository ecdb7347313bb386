/// A small kit to call a handler in a unit test, without a server and without a socket.
///
/// {@snippet class="HelloSnippetTest" region="test"}
///
/// [loomgate.api.testing.TestRequest] is a request made by hand, [loomgate.api.testing.TestResponse] is a response as a
/// client would have received it, [loomgate.api.testing.TestContext] is what a handler's constructor may ask for. The
/// kit depends on no test framework.
package loomgate.api.testing;
