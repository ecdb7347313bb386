/// The uwsgi protocol as nginx, Apache and lighttpd speak it: a packet of variables, a body, an HTTP response.
///
/// What uWSGI does with such a packet beyond serving a request (loading code, running it, changing files) is not
/// implemented and never will be: whoever reaches the socket could do it.
package loomgate.server.protocol.uwsgi;
