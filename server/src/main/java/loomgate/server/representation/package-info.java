/// What a client gets of a representation that has versions and may be had in parts, a file for instance: conditional
/// and range requests, RFC 9110 sections 8.8, 13 and 14.
///
/// Pure: a request's header fields and what is known of the representation in, a [Selection] out.
package loomgate.server.representation;
