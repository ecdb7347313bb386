/// Calls a handler in a unit test, without a server.
package loomgate.api.testing;
