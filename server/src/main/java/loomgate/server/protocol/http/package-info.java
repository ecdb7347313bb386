/// HTTP/1.1 and HTTP/1.0, by RFC 9110 and RFC 9112, from the recipient's side.
///
/// Strict where the RFCs leave a choice: what two recipients could read in two ways is refused. `docs/http.md` says
/// what is done about each of their requirements, and which test shows it.
///
/// A head is read in two steps. `HeadReader` with `RequestLine` and `FieldLines` knows the grammar and judges each line
/// when it is complete, so that the outcome never depends on how the network has cut the bytes; `HttpHead` with
/// `RequestTarget` and `Framing` finds the meaning. A chunked body is `ChunkSizes`, chunks and a
/// `TrailerSection`, in turn.
package loomgate.server.protocol.http;
