package loomgate.server.it;

/// `proxy_pass http://unix:…`, with connections that are kept.
class HttpUnixSocketChainIT extends Chain {

    @Override
    String listener() {
        return "http = app.sock";
    }

    @Override
    String upstream(RunningServer running) {
        return "upstream app { server unix:" + running.folder() + "/app.sock; keepalive 32; }";
    }

    @Override
    String location(RunningServer running) {
        return "proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection \"\";";
    }
}
