package loomgate.server.worker;

import loomgate.server.config.ListenerSettings;
import loomgate.server.net.Transport;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.http.HttpCodec;
import loomgate.server.protocol.uwsgi.UwsgiCodec;

/// The codec for each kind of listener: the only place that names them.
record Codecs(Limits limits) {

    Codec open(ListenerSettings.Kind kind, Transport transport, Peer peer) {
        return switch (kind) {
            case UWSGI -> new UwsgiCodec(transport, limits, peer);
            case HTTP -> new HttpCodec(transport, limits, peer);
        };
    }
}
