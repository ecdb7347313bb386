package loomgate.server.protocol;

import java.util.Map;
import loomgate.api.Headers;

/// What came before the body, whatever the protocol. The meaning of each part is that of [loomgate.api.Request].
/// Immutable, or lazily derived without visible change; belongs to the connection's thread.
public interface RequestHead {

    String method();

    String uri();

    String path();

    String query();

    String protocol();

    String remoteAddress();

    /// `REMOTE_USER`, empty where there is none.
    String remoteUser();

    /// What the gateway has sent to show that it is the gateway (`secret`), empty where it has sent nothing. It is
    /// neither in [#headers()] nor in [#variables()]: the application has no use for it.
    String gatewaySecret();

    Headers headers();

    Map<String, String> variables();

    /// Bytes of the body, -1 while only its end will tell.
    long contentLength();

    /// Number of names and values that the gateway sent, each counted, as uWSGI's log line counts them.
    int variableCount();

    /// Bytes of the head on the wire (uwsgi: of the variables block).
    int size();
}
