package loomgate.server.protocol.http;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import loomgate.server.protocol.Peer;

/// The meta-variables of RFC 3875 section 4.1, as uWSGI makes them from HTTP.
final class MetaVariables {

    private MetaVariables() {}

    /// Those of a request; unmodifiable.
    static Map<String, String> of(HttpHead head, Peer peer) {
        Fields fields = head.fields();
        Map<String, String> variables = HashMap.newHashMap(fields.count() + 12);
        variables.put("REQUEST_METHOD", head.method());
        variables.put("REQUEST_URI", head.uri());
        variables.put("PATH_INFO", head.pathOctets());
        variables.put("QUERY_STRING", head.query());
        variables.put("SERVER_PROTOCOL", head.protocol());
        variables.put("SCRIPT_NAME", "");
        variables.put("SERVER_NAME", peer.serverName());
        variables.put("SERVER_PORT", peer.serverPort() == 0 ? "80" : Integer.toString(peer.serverPort())); // as uWSGI
        variables.put("REMOTE_ADDR", peer.address());
        if (peer.port() != 0) {
            variables.put("REMOTE_PORT", Integer.toString(peer.port()));
        }
        variables.put("REQUEST_SCHEME", "http");
        for (int i = 0; i < fields.count(); i++) {
            if (hasVariable(fields, i) && !head.isWithheld(i)) {
                String name = fields.variable(i);
                String separator = name.equals("HTTP_COOKIE") ? "; " : ", "; // RFC 6265 section 5.4, RFC 9110 5.3
                variables.merge(name, head.value(i), (first, next) -> first + separator + next);
            }
        }
        return Collections.unmodifiableMap(variables);
    }

    /// `Proxy` has none: programs take `HTTP_PROXY` for their own environment (CVE-2016-5385). Nor has a name with an
    /// underscore, which could pass for the variable of another field.
    private static boolean hasVariable(Fields fields, int field) {
        return !fields.isNamed(field, "proxy") && !fields.hasUnderscore(field);
    }
}
