/// HTTP/1.1 and HTTP/1.0, by RFC 9110 and RFC 9112, from the recipient's side.
///
/// Strict where the RFCs leave a choice: what two recipients could read in two ways is refused. A head is read in two
/// steps. `HeadReader` knows the grammar and judges each line when it is complete, so that the outcome never depends on
/// how the network has cut the bytes; `HttpHead` with `RequestTarget` and `Framing` finds the meaning.
package loomgate.server.protocol.http;
